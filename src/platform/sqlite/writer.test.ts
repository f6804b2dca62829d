import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Log } from '../../ports/runtime.ts'
import { openDatabase } from './database.ts'
import { SqliteFailure, UnusableFile } from './failure.ts'
import type { OpenFile } from './protocol.ts'
import { openReader } from './reader.ts'
import { createSqlClient, sqlProgram } from './sql-client.ts'
import { createSqliteWriter, type SqliteWriter, type WriterFile } from './writer.ts'

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent }

let folder: string
let writer: SqliteWriter

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homepost-sqlite-'))
  writeFileSync(
    join(folder, '001-names.sql'),
    'CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;',
  )
  writer = createSqliteWriter({ log: silent })
})

afterEach(async () => {
  await writer.stop()
  rmSync(folder, { recursive: true })
})

const applicationId = 0x74657374

function open(more: Partial<OpenFile> = {}): Promise<WriterFile> {
  return writer.open({
    name: 'names.db',
    path: join(folder, 'names.db'),
    synchronous: 'full',
    migrations: { folder, applicationId },
    program: sqlProgram,
    ...more,
  })
}

const insert = (file: WriterFile, text: string) =>
  file.call('statement', { sql: 'INSERT INTO name (text) VALUES (?)', params: [text], method: 'run' })

function names(): string[] {
  const reader = openReader(join(folder, 'names.db'), { cacheKiB: 256 })
  const found = reader.prepare<[], string>('SELECT text FROM name ORDER BY id').pluck().all()
  reader.close()
  return found
}

test('a call whose arguments are no plain data is refused alone', async () => {
  const file = await open()
  const odd = file.call('statement', { sql: 'SELECT 1', params: [() => undefined], method: 'run' })
  const results = await Promise.allSettled([insert(file, 'a'), odd, insert(file, 'b')])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(names()).toEqual(['a', 'b'])
})

test('calls that wait together commit together, and one that fails undoes only itself', async () => {
  const file = await open()
  const results = await Promise.allSettled(['a', 'b', 'a', 'c'].map((name) => insert(file, name)))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(names()).toEqual(['a', 'b', 'c'])
})

test('what is written is visible to a reader once the call resolves', async () => {
  const file = await open()
  await insert(file, 'seen')
  expect(names()).toEqual(['seen'])
})

test('a transaction holds other callers off and is undone as a whole', async () => {
  const file = await open()
  const failing = file.transaction(async (call) => {
    await call('statement', { sql: "INSERT INTO name (text) VALUES ('inside')", params: [], method: 'run' })
    throw new Error('changed my mind')
  })
  const outside = insert(file, 'outside')
  await expect(failing).rejects.toThrow('changed my mind')
  await outside
  expect(names()).toEqual(['outside'])
})

test('drizzle reads its own writes inside a transaction, and others do not', async () => {
  const table = sqliteTable('name', { id: integer().primaryKey(), text: text().notNull() })
  const file = await open()
  const reader = openReader(file.path, { cacheKiB: 256 })
  const client = createSqlClient({ file, reader })
  const db = drizzle(client.query)
  const seen = await client.transaction(async () => {
    await db.insert(table).values({ text: 'new' })
    return { inside: await db.select().from(table).get(), outside: names() }
  })
  expect(seen).toEqual({ inside: { id: 1, text: 'new' }, outside: [] })
  expect(await db.select({ text: table.text }).from(table)).toEqual([{ text: 'new' }])
  expect(await db.select().from(table).limit(0).get()).toBeUndefined()
  reader.close()
})

test('a full disk is told apart, and the file works again when there is room', async () => {
  const file = await open({ maxPages: 8 })
  await expect(insert(file, 'x'.repeat(100_000))).rejects.toMatchObject({ reason: 'disk-full' })
  await insert(file, 'small')
  expect(names()).toEqual(['small'])
})

test('a damaged file takes no more writes', async () => {
  writeFileSync(join(folder, 'names.db'), 'this is not a database, whatever its name says'.repeat(100))
  await expect(open()).rejects.toBeInstanceOf(SqliteFailure)
  await expect(open()).rejects.toMatchObject({ reason: 'damaged' })
})

test('a file of a newer version is refused, and so is a stranger', async () => {
  await (await open()).close()
  const db = openDatabase(join(folder, 'names.db'), 'write')
  db.pragma('user_version = 2')
  await expect(open()).rejects.toBeInstanceOf(UnusableFile)
  db.pragma('user_version = 1')
  db.pragma('application_id = 77')
  await expect(open()).rejects.toThrow('another program')
  db.close()
})

test('migrations run once, in order, and a gap is a mistake', async () => {
  await (await open()).close()
  writeFileSync(join(folder, '002-more.sql'), "INSERT INTO name (text) VALUES ('migrated');")
  await (await open()).close()
  await (await open()).close()
  expect(names()).toEqual(['migrated'])
  writeFileSync(join(folder, '004-gap.sql'), 'SELECT 1;')
  await expect(open()).rejects.toThrow('expected migration 003')
})
