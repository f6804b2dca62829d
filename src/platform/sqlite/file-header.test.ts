import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import { isWholeDatabase } from './file-header.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homepost-'))
  path = join(folder, 'x.db')
  const db = openDatabase(path, 'write')
  db.exec('CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000)); PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a database is whole', async () => {
  expect(await isWholeDatabase(path)).toBe(true)
})

test.each([
  ['cut', () => truncateSync(path, statSync(path).size - 1)],
  ['empty', () => truncateSync(path, 0)],
  ['something else', () => writeFileSync(path, 'x'.repeat(10_000))],
])('a file that is %s is none', async (_, harm) => {
  harm()
  expect(await isWholeDatabase(path)).toBe(false)
})
