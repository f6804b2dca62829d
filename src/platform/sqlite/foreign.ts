import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from './database.ts'

/** What a row may hold. */
export type Cell = string | number | Uint8Array | null

interface ForeignColumn {
  readonly name: string
  /** As the table was made: `VARCHAR(255)`, `NUMERIC`. */
  readonly type: string
  /** As SQL; undefined where there is none. */
  readonly standard: string | undefined
}

export interface ForeignTable {
  readonly columns: readonly ForeignColumn[]
  readonly rows: readonly Readonly<Record<string, Cell>>[]
}

export type ForeignTables =
  | { readonly kind: 'tables'; readonly tables: ReadonlyMap<string, ForeignTable> }
  /** Truncated, damaged, no database, or bigger than anybody would believe. */
  | { readonly kind: 'unusable'; readonly reason: string }
  /** Somebody writes it all the time. */
  | { readonly kind: 'busy' }

const mostBytes = 512 * 1024 * 1024
const mostRows = 1_000_000

/**
 * All rows of some tables of a database that is not ours, at one moment; a table that is missing is not there. The file is never
 * written, and nothing is left beside it. Rejects, with Node's error, where the file cannot be opened at all.
 */
export function readForeignTables(path: string, names: readonly string[]): ForeignTables {
  const bytes = statSync(path).size
  if (bytes > mostBytes) return unusable(`it has ${bytes} bytes, and no more than ${mostBytes} are read`)
  if (!isDatabase(path)) return unusable('it is no SQLite database')
  return needsCopy(path) ? readCopy(path, names) : readFrom(path, 'read', names)
}

const unusable = (reason: string): ForeignTables => ({ kind: 'unusable', reason })

const magic = Buffer.from('SQLite format 3\0')

function isDatabase(path: string): boolean {
  return header(path).subarray(0, magic.length).equals(magic)
}

function header(path: string): Buffer {
  const start = Buffer.alloc(20)
  const handle = openSync(path, constants.O_RDONLY)
  try {
    readSync(handle, start, 0, start.length, 0)
  } finally {
    closeSync(handle)
  }
  return start
}

const besides = ['-wal', '-journal'] as const

/**
 * A journal beside it would be rolled back into it, and of a database in WAL mode even a reader writes files.
 * https://www.sqlite.org/fileformat.html §1.3.3: 2 in octets 18 and 19 is WAL.
 */
function needsCopy(path: string): boolean {
  return header(path).subarray(18).includes(2) || besides.some((end) => existsSync(path + end))
}

const mostTries = 3

function readCopy(path: string, names: readonly string[]): ForeignTables {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-import-'))
  try {
    const copy = join(folder, 'main.db')
    for (let tries = 0; tries < mostTries; tries++) {
      const before = stamp(path)
      for (const end of ['', ...besides]) {
        rmSync(copy + end, { force: true })
        if (existsSync(path + end)) copyFileSync(path + end, copy + end)
      }
      if (stamp(path) === before) return readFrom(copy, 'write', names)
    }
    return { kind: 'busy' }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Changes with every write. */
function stamp(path: string): string {
  return ['', ...besides]
    .map((end) => {
      const found = statSync(path + end, { throwIfNoEntry: false })
      return found === undefined ? '' : `${found.size} ${found.mtimeMs}`
    })
    .join()
}

function readFrom(path: string, mode: 'read' | 'write', names: readonly string[]): ForeignTables {
  let db: Database | undefined
  try {
    db = openDatabase(path, mode)
    // What its schema says is not trusted with functions that do more than compute.
    db.pragma('trusted_schema = OFF')
    db.exec('BEGIN')
    const damage = damageOf(db)
    return damage === undefined ? tablesOf(db, names) : unusable(damage)
  } catch (cause) {
    const { code = '', message } = cause as { code?: string; message: string }
    if (/^SQLITE_BUSY/.test(code)) return { kind: 'busy' }
    if (!code.startsWith('SQLITE_')) throw cause
    return unusable(message)
  } finally {
    db?.close()
  }
}

/** What `quick_check` says of values and not of the file: whoever reads the rows says it better. */
const ofValues = /^(NULL value|CHECK constraint|NUMERIC value|TEXT value|non-unique|row \d+ missing)/

function damageOf(db: Database): string | undefined {
  const lines = db.pragma('quick_check(1000)') as { quick_check: string }[]
  return lines.map((line) => line.quick_check).find((line) => line !== 'ok' && !ofValues.test(line))
}

function tablesOf(db: Database, names: readonly string[]): ForeignTables {
  const tables = new Map<string, ForeignTable>()
  for (const name of names) {
    const columns = columnsOf(db, name)
    if (columns.length === 0) continue
    const rows = db
      .prepare(
        `SELECT ${columns.map((column) => quoted(column.name)).join(', ')} FROM ${quoted(name)} LIMIT ?`,
      )
      .all(mostRows + 1) as Readonly<Record<string, Cell>>[]
    if (rows.length > mostRows) return unusable(`table ${name} has more than ${mostRows} rows`)
    tables.set(name, { columns, rows })
  }
  return { kind: 'tables', tables }
}

/** A real table only: a view or a virtual table could be anything, and take any time. */
function columnsOf(db: Database, name: string): ForeignColumn[] {
  const made = db.prepare(`SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?`).get(name)
  if (!/^CREATE TABLE\b/i.test(String((made as { sql?: unknown } | undefined)?.sql))) return []
  const columns = db.prepare('SELECT name, type, dflt_value FROM pragma_table_info(?)').all(name) as {
    name: string
    type: string
    dflt_value: string | null
  }[]
  return columns.map((column) => ({
    name: column.name,
    type: column.type,
    standard: column.dflt_value ?? undefined,
  }))
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
