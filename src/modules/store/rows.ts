import type { Database, Statement } from '../../platform/sqlite/database.ts'
import type { MailboxId, MessageRow, RowField, Uid } from '../../ports/mail-store.ts'
import { fieldColumns, type ReadSql } from './read-sql.ts'
import { ascending } from './uids.ts'

type Column = number | string | null
type Cells = readonly Column[]
type Writable = { -readonly [K in keyof MessageRow]: MessageRow[K] }
type Fill = (row: Writable, cells: Cells, at: number) => void

/** Each takes its field out of the columns that `fieldColumns` names, beginning at `at`. */
const fills: Readonly<Record<RowField, Fill>> = {
  size: (row, cells, at) => {
    row.size = cells[at] as number
  },
  header: (row, cells, at) => {
    const header = cells[at] as string | null
    if (header !== null) row.header = header
  },
  listFields: (row, cells, at) => {
    const fields = cells[at] as string | null
    if (fields !== null) row.listFields = fields
  },
  receivedAt: (row, cells, at) => {
    row.receivedAt = cells[at] as number
  },
  savedAt: (row, cells, at) => {
    row.savedAt = cells[at] as number
  },
  sentDay: (row, cells, at) => {
    const day = cells[at] as number | null
    if (day !== null) row.sentDay = day
  },
  envelope: (row, cells, at) => {
    row.envelope = cells[at] as string
  },
  structure: (row, cells, at) => {
    row.structure = cells[at] as string
  },
  basicStructure: (row, cells, at) => {
    row.basicStructure = cells[at] as string
  },
  parts: (row, cells, at) => {
    row.parts = cells[at] as string
  },
  preview: (row, cells, at) => {
    row.preview = cells[at] as string
  },
  search: (row, cells, at) => {
    row.search = {
      subject: cells[at] as string,
      from: cells[at + 1] as string,
      to: cells[at + 2] as string,
      cc: cells[at + 3] as string,
      bcc: cells[at + 4] as string,
      sentAt: (cells[at + 5] as number | null) ?? undefined,
    }
  },
  ids: (row, cells, at) => {
    row.ids = { emailId: `M${cells[at] as number}`, threadId: `T${cells[at + 1] as number}` }
  },
}

const allFields = Object.keys(fills) as RowField[]

interface Query {
  readonly one: Statement<Cells>
  readonly range: Statement<Cells>
  fill(cells: Cells): Writable
}

/** Reads the asked fields and nothing else: a statement per set of fields, prepared when it is first asked for. */
export function createRowReader(db: Database, sql: Pick<ReadSql, 'headerOctets'>) {
  const queries = new Map<string, Query>()
  const queryFor = (fields: readonly RowField[]) => {
    const asked = allFields.filter((field) => fields.includes(field))
    const key = asked.join()
    const known = queries.get(key) ?? prepareQuery(db, asked)
    queries.set(key, known)
    return known
  }
  return (mailbox: MailboxId, asked: readonly Uid[], fields: readonly RowField[]): MessageRow[] => {
    const uids = ascending(asked)
    const query = queryFor(fields)
    const [first, last] = [uids[0], uids.at(-1)]
    if (first === undefined || last === undefined) return []
    const span = last - first + 1
    // A run with few holes is one walk along the index; scattered ones are looked up.
    const isRun = span <= uids.length * 2
    const found = isRun
      ? query.range.all(mailbox, first, last)
      : uids.map((uid) => query.one.get(mailbox, uid)).filter((each) => each !== undefined)
    const wanted = isRun && span > uids.length ? new Set(uids) : undefined
    const cells = wanted ? found.filter(([uid]) => wanted.has(uid as number)) : found
    const rows = cells.map((each) => query.fill(each))
    if (fields.includes('header')) restoreHeaders(rows, (uid) => sql.headerOctets.get(mailbox, uid))
    else if (fields.includes('listFields')) addHeaders(rows, (uid) => sql.headerOctets.get(mailbox, uid))
    return rows
  }
}

/** SQLite hands text over as UTF-8. A header with other octets than ASCII is read again, as octets. */
function restoreHeaders(rows: readonly Writable[], octetsOf: (uid: Uid) => Buffer | null | undefined): void {
  for (const row of rows) {
    if (row.header === undefined || Buffer.byteLength(row.header) === row.header.length) continue
    const octets = octetsOf(row.uid)
    if (octets) row.header = octets.toString('latin1')
    else delete row.header
  }
}

/** Rows of an older version have no list fields, and some headers are not made for them. */
function addHeaders(rows: readonly Writable[], octetsOf: (uid: Uid) => Buffer | null | undefined): void {
  for (const row of rows) {
    const octets = row.listFields === undefined ? octetsOf(row.uid) : undefined
    if (octets) row.header = octets.toString('latin1')
  }
}

/** Column lists are constants of this module; nothing from outside becomes SQL. */
function prepareQuery(db: Database, fields: readonly RowField[]): Query {
  const columns = ['p.uid', ...fields.flatMap((field) => fieldColumns[field])]
  const tables = ['placement p']
  if (columns.some((column) => /\b[be]\./.test(column))) tables.push('JOIN email e ON e.id = p.email')
  if (columns.some((column) => /\bb\./.test(column))) tables.push('JOIN body b ON b.id = e.body')
  const select = `SELECT ${columns.join(', ')} FROM ${tables.join(' ')} WHERE p.mailbox = ?`
  let at = 1
  const steps = fields.map((field) => {
    const step = { fill: fills[field], at }
    at += fieldColumns[field].length
    return step
  })
  return {
    one: db.prepare<unknown[], Cells>(`${select} AND p.uid = ?`).raw(),
    range: db.prepare<unknown[], Cells>(`${select} AND p.uid BETWEEN ? AND ? ORDER BY p.uid`).raw(),
    fill: (cells) => {
      const row: Writable = { uid: cells[0] as number }
      for (const { fill, at } of steps) fill(row, cells, at)
      return row
    },
  }
}
