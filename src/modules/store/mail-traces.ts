import { nextTurn } from '../../platform/next-turn.ts'
import type { Database } from '../../platform/sqlite/database.ts'
import type { KeptTrace, MailTraces, Trace } from '../../ports/mail-traces.ts'
import type { Clock } from '../../ports/runtime.ts'
import { tryLater } from './try-later.ts'
import type { Writing } from './writing.ts'

interface TraceParts {
  readonly writing: Writing
  readonly db: Database
  readonly clock: Clock
}

/** As it lies there, without the account that was asked for. */
interface TraceRow extends Omit<KeptTrace, 'settledAt'> {
  readonly settled_at: number
}

const rowsPerTurn = 500

/** Traces as they lie in mail.db. */
export function createMailTraces({ writing, db, clock }: TraceParts): MailTraces {
  // trace_account
  const older = db.prepare<[number, number, number], TraceRow>(
    `SELECT number, at, arrival, way, own, other, author, subject, outcome, detail, settled_at FROM trace
       WHERE account = ? AND number < ? ORDER BY number DESC LIMIT ?`,
  )
  // trace_message, trace_message_id, the table's key
  const found = {
    arrival: db.prepare<[string, number, number], FoundRow>(everybodys('arrival = ?')),
    messageId: db.prepare<[string, number, number], FoundRow>(
      everybodys(`message_id <> '' AND message_id = ?`),
    ),
    all: db.prepare<[string, number, number], FoundRow>(everybodys(`? = ''`)),
  }
  return {
    async keep(traces) {
      try {
        await writing.run('keepTraces', { traces, now: clock.now() })
        return { kind: 'kept' }
      } catch (error) {
        return tryLater(error)
      }
    },
    async list(account, { atMost, before = Number.MAX_SAFE_INTEGER, containing = '' }) {
      const wanted = containing.toLowerCase()
      const found: KeptTrace[] = []
      for (let next = before; found.length < atMost; ) {
        const rows = older.all(account, next, wanted === '' ? atMost : rowsPerTurn)
        found.push(...rows.filter((row) => contains(row, wanted)).map(traceOf))
        const last = rows.at(-1)
        if (!last || wanted === '') break
        next = last.number
        await nextTurn()
      }
      return found.slice(0, atMost)
    },
    async find({ atMost, arrival, messageId, containing = '' }) {
      const [by, value] = chosen(found, arrival, messageId)
      const wanted = containing.toLowerCase()
      const rows: FoundRow[] = []
      for (let next = Number.MAX_SAFE_INTEGER; rows.length < atMost; ) {
        const some = by.all(value, next, rowsPerTurn)
        rows.push(...some.filter((row) => contains(row, wanted)))
        const last = some.at(-1)
        if (!last || some.length < rowsPerTurn) break
        next = last.number
        await nextTurn()
      }
      return rows.slice(0, atMost).map(({ account, ...row }) => ({ ...traceOf(row), account }))
    },
  }
}

function chosen<By>(
  found: { readonly arrival: By; readonly messageId: By; readonly all: By },
  arrival: string | undefined,
  messageId: string | undefined,
): readonly [By, string] {
  if (arrival !== undefined) return [found.arrival, arrival]
  return messageId === undefined ? [found.all, ''] : [found.messageId, messageId]
}

type FoundRow = TraceRow & Pick<Trace, 'account'>

const everybodys = (condition: string) =>
  `SELECT account, number, at, arrival, way, own, other, author, subject, outcome, detail, settled_at, message_id AS messageId
     FROM trace WHERE ${condition} AND number < ? ORDER BY number DESC LIMIT ?`

const contains = ({ own, other, author, subject }: TraceRow, wanted: string): boolean =>
  wanted === '' || [own, other, author, subject].some((text) => text.toLowerCase().includes(wanted))

const traceOf = ({ settled_at, ...row }: TraceRow): KeptTrace => ({ ...row, settledAt: settled_at })
