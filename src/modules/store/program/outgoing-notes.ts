import type { Database } from '../../../platform/sqlite/database.ts'
import type { StoreOperations } from '../operations.ts'

/** Each write forgets some of what is over: as many as it keeps, and a few more. */
const forgottenAtOnce = 20

export function noteOperations(db: Database): Pick<StoreOperations, 'noteOutgoing'> {
  const put = db.prepare<unknown[]>(
    `INSERT INTO outgoing_note (kind, name, value, until) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value, until = excluded.until`,
  )
  const remove = db.prepare<unknown[]>('DELETE FROM outgoing_note WHERE kind = ? AND name = ?')
  // outgoing_note_until
  const over = db.prepare<[number, number], { kind: string; name: string }>(
    'SELECT kind, name FROM outgoing_note WHERE until <= ? LIMIT ?',
  )
  return {
    noteOutgoing({ put: notes, drop, now }) {
      for (const { kind, name } of over.all(now, notes.length + forgottenAtOnce)) remove.run(kind, name)
      for (const { kind, name, value, until } of notes) put.run(kind, name, value, until)
      for (const { kind, name } of drop) remove.run(kind, name)
      return { answer: undefined, changes: [] }
    },
  }
}
