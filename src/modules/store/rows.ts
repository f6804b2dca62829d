import type { Database, Statement } from '../../platform/sqlite/database.ts'
import type { MailboxId, MessageRow, RowField, Uid } from '../../ports/mail-store.ts'
import { fieldColumns } from './read-sql.ts'
import { ascending } from './uids.ts'

type Column = number | string | Uint8Array | null
type Cells = readonly Column[]
type Writable = { -readonly [K in keyof MessageRow]: MessageRow[K] }
type Fill = (row: Writable, cells: Cells, at: number) => void

/** Each takes its field out of the columns that `fieldColumns` names, beginning at `at`. */
const fills: Readonly<Record<RowField, Fill>> = {
  size: (row, cells, at) => {
    row.size = cells[at] as number
  },
  header: (row, cells, at) => {
    const header = cells[at]
    if (header instanceof Uint8Array) row.header = header
  },
  receivedAt: (row, cells, at) => {
    row.receivedAt = cells[at] as number
  },
  sentDay: (row, cells, at) => {
    const day = cells[at] as number | null
    if (day !== null) row.sentDay = day
  },
  envelope: (row, cells, at) => {
    row.envelope = cells[at] as string
  },
  structure: (row, cells, at) => {
    row.structure = { extended: cells[at] as string, basic: cells[at + 1] as string }
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
  fill(cells: Cells): MessageRow
}

/** Reads the asked fields and nothing else: a statement per set of fields, prepared when it is first asked for. */
export function createRowReader(db: Database) {
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
    if (span > uids.length * 2) {
      const found = uids.map((uid) => query.one.get(mailbox, uid))
      return found.flatMap((cells) => (cells ? [query.fill(cells)] : []))
    }
    const rows = query.range.all(mailbox, first, last)
    if (span === uids.length) return rows.map((cells) => query.fill(cells))
    const wanted = new Set(uids)
    return rows.flatMap((cells) => (wanted.has(cells[0] as number) ? [query.fill(cells)] : []))
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
