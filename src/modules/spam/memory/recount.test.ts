import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { openReader } from '../../../platform/sqlite/reader.ts'
import { createSqliteWriter } from '../../../platform/sqlite/writer.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Tokens } from '../learn/tokens.ts'
import { SpamMemory } from './memory.ts'
import { openMemory } from './open-memory.ts'

const message = (number: number): Tokens => ({
  single: new Int32Array([7, 100 + number, 100 + (number % 3)]),
  pairs: new Int32Array([-number - 1]),
})

function place() {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-spam-'))
  const log = createFakeLog()
  const writer = createSqliteWriter({ log })
  onTestFinished(async () => {
    await writer.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return { dataDir, log, writer, clock: { now: () => 5, sleep: async () => undefined } }
}

interface LessonRow {
  readonly account: number
  readonly spam: number
  readonly shared: number
  readonly own: number
  readonly tokens: Buffer
}

/** What the lessons add up to, a line for each scope and token. */
function recount(lessons: readonly LessonRow[]): string[] {
  const counts = new Map<string, [number, number]>()
  for (const { account, spam, shared, own, tokens } of lessons) {
    const scopes = [...(shared ? [0] : []), ...(own ? [account] : [])]
    for (const token of new Int32Array(Uint8Array.from(tokens).buffer))
      for (const scope of scopes) {
        const [ham, bad] = counts.get(`${scope} ${token}`) ?? [0, 0]
        counts.set(`${scope} ${token}`, spam ? [ham, bad + 1] : [ham + 1, bad])
      }
  }
  return [...counts].map(([key, [ham, bad]]) => `${key} ${ham} ${bad}`).sort()
}

const lesson = fc.record({
  number: fc.integer({ min: 0, max: 8 }),
  spam: fc.boolean(),
  account: fc.constantFrom(1 as AccountId, 2 as AccountId, 3 as AccountId, undefined),
})

test('whatever is taught and taken back by whom in any order, the counts are those of the lessons that stand', async () => {
  const { dataDir, writer } = place()
  const memory = await SpamMemory.open(dataDir, writer, createFakeLog())
  const db = openReader(join(dataDir, 'spam.db'), { cacheKiB: 100 })
  onTestFinished(async () => {
    db.close()
    await memory.close()
  })
  await fc.assert(
    fc.asyncProperty(fc.array(lesson, { minLength: 1, maxLength: 30 }), async (taught) => {
      await Promise.all(
        taught.map(({ number, spam, account }) => memory.teach(message(number), spam, account, 0)),
      )
      const counted = db
        .prepare<[], { scope: number; token: number; ham: number; spam: number }>(
          'SELECT * FROM token WHERE ham > 0 OR spam > 0',
        )
        .all()
        .map(({ scope, token, ham, spam }) => `${scope} ${token} ${ham} ${spam}`)
        .sort()
      expect(counted).toEqual(recount(db.prepare<[], LessonRow>('SELECT * FROM lesson').all()))
      // What was said last by each stands.
      const known = db.prepare('SELECT account FROM lesson WHERE account <> 0').all()
      expect(known.length).toBeGreaterThanOrEqual(
        new Set(taught.flatMap(({ account }) => account ?? [])).size,
      )
    }),
    { numRuns: 25 },
  )
})

test('a damaged memory is put aside, and the filter begins anew', async () => {
  const parts = place()
  writeFileSync(
    join(parts.dataDir, 'spam.db'),
    'no database at all, but long enough to look like one '.repeat(200),
  )
  const memory = await openMemory(parts)
  await memory.teach(message(1), true, 1 as AccountId, 0)
  await memory.close()
  expect(readdirSync(parts.dataDir)).toContain('spam.db.damaged-5')
  expect(parts.log.events.map(({ event }) => event)).toContain('sqlite.put-aside')
})

test('an account is known by what was counted, after its lessons are forgotten, and experience stays', async () => {
  const { dataDir, writer } = place()
  const first = await SpamMemory.open(dataDir, writer, createFakeLog())
  const ann = 1 as AccountId
  for (let number = 0; number < 12; number++)
    for (const spam of [true, false])
      await first.teach(
        { single: Int32Array.of(spam ? 1 : 2, (spam ? 1000 : 2000) + number), pairs: new Int32Array() },
        spam,
        ann,
        0,
      )
  await first.sweep(0, { lessonsBefore: 1, judgedBefore: 0 })
  await first.close()
  const memory = await SpamMemory.open(dataDir, writer, createFakeLog())
  expect(memory.accounts()).toEqual([ann])
  expect(
    await memory.score({ single: Int32Array.of(1), pairs: new Int32Array() }, undefined),
  ).toBeGreaterThan(0)
  await memory.close()
})
