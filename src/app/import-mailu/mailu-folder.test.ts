import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { mailuDomain } from '../../../test/support/mailu.ts'
import { mailuForTest, readForTest, whole } from '../../../test/support/mailu-installation.ts'
import { readMailu } from './read-mailu.ts'

describe('the folder', () => {
  test.each(['root', 'data', 'database'])('may be named as %s', (which) => {
    const { root, database } = mailuForTest(whole)
    const paths: Readonly<Record<string, string>> = { root, data: join(root, 'data'), database }
    expect(readForTest(paths[which] ?? '').rows.user).toHaveLength(2)
  })

  test('is not written, whatever lies beside the database', () => {
    const { root, database } = mailuForTest(whole)
    const db = new Sqlite(database)
    db.pragma('journal_mode = WAL')
    db.exec(`UPDATE user SET displayed_name = 'still in the WAL' WHERE email LIKE 'ben@%'`)
    // As after a crash: a copy with its WAL, and nobody who has it open.
    const copied = join(root, 'main.db')
    copyFileSync(`${database}-wal`, `${copied}-wal`)
    copyFileSync(database, copied)
    db.close()
    const listing = () =>
      readdirSync(root).map((name) => [
        name,
        statSync(join(root, name)).mtimeMs,
        statSync(join(root, name)).size,
      ])
    renameSync(join(root, 'data'), join(root, 'was-data'))
    const before = listing()
    expect(readForTest(root).rows.user[1]?.displayedName).toBe('still in the WAL')
    expect(listing()).toEqual(before)
  })

  test('of a Mailu that was killed while it wrote has what was there before', () => {
    const { root, database } = mailuForTest(whole)
    const db = new Sqlite(database)
    // A cache of one page makes it write before it commits.
    db.pragma('cache_size = 1')
    db.exec(`BEGIN; UPDATE user SET displayed_name = 'half done', reply_body = hex(zeroblob(200000))`)
    const killed = join(root, 'main.db')
    copyFileSync(`${database}-journal`, `${killed}-journal`)
    copyFileSync(database, killed)
    db.exec('ROLLBACK')
    db.close()
    const journal = readFileSync(`${killed}-journal`)
    expect(readForTest(killed).rows.user[0]?.displayedName).toBe('Ann ☃')
    expect(readFileSync(`${killed}-journal`).equals(journal)).toBe(true)
  })

  test('gets no files beside a database in WAL mode', () => {
    const { root, database } = mailuForTest(whole)
    const db = new Sqlite(database)
    db.pragma('journal_mode = WAL')
    db.close()
    expect(readForTest(root).rows.user).toHaveLength(2)
    expect(readdirSync(join(root, 'data')).sort()).toEqual(['instance', 'main.db'])
  })

  test('may be one that nobody can write', () => {
    const { root, database } = mailuForTest(whole)
    chmodSync(database, 0o400)
    chmodSync(join(root, 'data'), 0o500)
    expect(readForTest(root).rows.user).toHaveLength(2)
    chmodSync(join(root, 'data'), 0o700)
  })

  test('cannot be a server, and its password is not repeated', () => {
    const found = readMailu('postgresql://mailu:hunter2@db/mailu')
    expect(found).toEqual({ kind: 'mistake', text: expect.stringMatching(/config-export/) })
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })

  test.each([
    ['nothing', () => '/nonexistent/mailu', 'mistake', /There is no Mailu/],
    ['another database', () => other(), 'unusable', /no table domain, user, alias/],
    ['a text', () => textFile(), 'unusable', /no SQLite database/],
  ])('of %s is refused', (_, path, kind, text) => {
    expect(readMailu(path())).toEqual({ kind, text: expect.stringMatching(text) })
  })
})

function other(): string {
  const { database } = mailuForTest({})
  const db = new Sqlite(database)
  for (const table of ['domain', 'user', 'alias']) db.exec(`ALTER TABLE "${table}" RENAME TO ${table}_old`)
  // A view is no table: it could be anything.
  db.exec('CREATE VIEW user AS SELECT 1')
  db.close()
  return database
}

function textFile(): string {
  const { database } = mailuForTest({})
  writeFileSync(database, 'not a database')
  return database
}

describe('DKIM keys', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }) as string

  test('are read under their Unicode names, in both forms, and become PKCS #8', () => {
    const { root, dkim } = mailuForTest({
      domain: [mailuDomain('xn--bro-hoa.test'), mailuDomain('a.test'), mailuDomain('b.a.test')],
    })
    writeFileSync(join(dkim, 'büro.test.dkim.key'), pkcs1)
    writeFileSync(join(dkim, 'b.a.test.k1.2024.key'), pkcs8)
    writeFileSync(join(dkim, 'a.test.dkim.key'), 'garbage')
    writeFileSync(join(dkim, 'gone.test.dkim.key'), pkcs8)
    const { dkimKeys, findings } = readForTest(root)
    expect(dkimKeys).toEqual([
      { domain: 'b.a.test', selector: 'k1.2024', pem: pkcs8 },
      { domain: 'xn--bro-hoa.test', selector: 'dkim', pem: pkcs8 },
    ])
    expect(findings).toEqual([
      { what: 'key unreadable', on: 'a.test.dkim.key', text: expect.stringMatching(/no private key/) },
      { what: 'key of nobody', on: 'gone.test.dkim.key', text: 'no such domain' },
    ])
    expect(readFileSync(join(dkim, 'büro.test.dkim.key'), 'utf8')).toBe(pkcs1)
  })
})

test('what changed the programs of Mailu is named, and said what to do instead', () => {
  const { root } = mailuForTest(whole)
  mkdirSync(join(root, 'overrides', 'postfix'), { recursive: true })
  writeFileSync(join(root, 'overrides', 'postfix', 'transport.map'), 'far.example smtp:[relay.example]\n')
  expect(readForTest(root).findings).toContainEqual({
    what: 'override',
    on: 'postfix/transport.map',
    text: expect.stringContaining('homepost route'),
  })
})
