import { readFileSync, writeFileSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findingKinds } from '../../src/app/import-mailu/installation.ts'
import { readMailu } from '../../src/app/import-mailu/read-mailu.ts'
import { timed } from '../support/cpu-time.ts'
import { buildMailu, type MailuRoot, mailuAlias, mailuDomain, mailuUser } from '../support/mailu.ts'
import { sha512, whole } from '../support/mailu-installation.ts'

/** Under `npm run fuzz` the clock decides. */
const often = process.env['FUZZ_SECONDS'] === undefined ? { numRuns: 150 } : {}

let mailu: MailuRoot
let sound: Buffer
beforeAll(() => {
  mailu = buildMailu(whole)
  sound = readFileSync(mailu.database)
})
afterAll(() => mailu.remove())

/** What it said, and that it did not take long. */
function readQuickly(): ReturnType<typeof readMailu> {
  const { result, ms } = timed(() => readMailu(mailu.root))
  expect(ms).toBeLessThan(2000)
  return result
}

const damage = fc.oneof(
  fc.record({ cut: fc.nat() }),
  fc.record({ at: fc.nat(), octets: fc.uint8Array({ minLength: 1, maxLength: 64 }) }),
  fc.record({ at: fc.nat(), zeros: fc.integer({ min: 1, max: 8192 }) }),
)
type Damage = { cut: number } | { at: number; octets: Uint8Array } | { at: number; zeros: number }

function damaged(file: Buffer, how: Damage): Buffer {
  if (file.length === 0) return file
  if ('cut' in how) return file.subarray(0, how.cut % file.length)
  const copy = Buffer.from(file)
  const at = how.at % file.length
  if ('octets' in how) copy.set(how.octets.subarray(0, file.length - at), at)
  else copy.fill(0, at, Math.min(file.length, at + how.zeros))
  return copy
}

test('a damaged main.db is read, or it is said what is wrong with it, and it stays as it is', () => {
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (all) => {
      const bytes = all.reduce<Buffer>(damaged, sound)
      writeFileSync(mailu.database, bytes)
      const found = readQuickly()
      if (found.kind !== 'read') expect(found.text).toContain('main.db')
      expect(readFileSync(mailu.database).equals(bytes)).toBe(true)
    }),
    often,
  )
})

test('half of a main.db is never taken for all of it', () => {
  for (const part of [0.25, 0.5, 0.75, 0.99]) {
    writeFileSync(mailu.database, sound.subarray(0, Math.floor(sound.length * part)))
    expect(readQuickly().kind).toBe('unusable')
  }
})

const cell = fc.oneof(
  fc.constantFrom(null, 0, -1, 1, 1.5, Number.MAX_SAFE_INTEGER, '', ',', '%', '@', 'a@b', '2024-02-30', '{}'),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.double(),
  fc.uint8Array({ maxLength: 20 }).map((octets) => Buffer.from(octets)),
)
const columns = [
  ['user', 'email'],
  ['user', 'password'],
  ['user', 'quota_bytes'],
  ['user', 'forward_destination'],
  ['user', 'reply_enddate'],
  ['user', 'spam_threshold'],
  ['user', 'enabled'],
  ['domain', 'name'],
  ['domain', 'max_users'],
  ['alias', 'destination'],
  ['alias', 'owner_email'],
  ['relay', 'smtp'],
  ['token', 'ip'],
  ['fetch', 'protocol'],
  ['fetch', 'port'],
  ['manager', 'user_email'],
  ['config', 'value'],
] as const

test('whatever a column holds, it is read or told in a line', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...columns), cell), { maxLength: 5 }), (changes) => {
      writeFileSync(mailu.database, sound)
      const db = new Sqlite(mailu.database)
      db.pragma('foreign_keys = OFF')
      db.pragma('synchronous = OFF')
      for (const [[table, column], value] of changes) {
        db.prepare(`UPDATE OR IGNORE "${table}" SET ${column} = ?`).run(value)
      }
      db.close()
      const found = readQuickly()
      expect(found.kind).toBe('read')
      if (found.kind !== 'read') return
      for (const { what, on, text } of found.installation.findings) {
        expect(Object.keys(findingKinds)).toContain(what)
        expect(text.length + on.length).toBeLessThan(1500)
      }
    }),
    often,
  )
})

test('a hundred thousand rows, half of them wrong, take seconds', { timeout: 60_000 }, () => {
  const big = buildMailu({
    domain: [mailuDomain('big.test')],
    user: Array.from({ length: 50_000 }, (_, at) =>
      mailuUser(`${at % 2 === 0 ? 'u' : 'U '}${at}@big.test`, { password: sha512 }),
    ),
    alias: Array.from({ length: 50_000 }, (_, at) => mailuAlias(`u${at}@big.test`, `u${at + 1}@big.test`)),
  })
  try {
    const { result: found, ms } = timed(() => readMailu(big.root))
    expect(ms).toBeLessThan(20_000)
    if (found.kind !== 'read') throw new Error(found.text)
    const counts = Map.groupBy(found.installation.findings, ({ what }) => what)
    expect(counts.get('invalid address')).toHaveLength(25_000)
    expect(counts.get('two owners')).toHaveLength(25_000)
  } finally {
    big.remove()
  }
})

test('a schema that never ends is not followed', () => {
  writeFileSync(mailu.database, sound)
  const db = new Sqlite(mailu.database)
  db.exec(`
    ALTER TABLE token RENAME TO token_before;
    CREATE VIEW token AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n`)
  db.close()
  expect(readQuickly()).toMatchObject({ kind: 'read', installation: { rows: { token: [] } } })
})
