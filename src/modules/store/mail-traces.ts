import { nextTurn } from '../../platform/next-turn.ts'
import type { Database } from '../../platform/sqlite/database.ts'
import type { KeptTrace, MailTraces } from '../../ports/mail-traces.ts'
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
  }
}

const contains = ({ own, other, author, subject }: TraceRow, wanted: string): boolean =>
  wanted === '' || [own, other, author, subject].some((text) => text.toLowerCase().includes(wanted))

const traceOf = ({ settled_at, ...row }: TraceRow): KeptTrace => ({ ...row, settledAt: settled_at })
