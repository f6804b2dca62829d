import type { Database } from '../../../platform/sqlite/database.ts'
import type { Note } from '../../../ports/outgoing-notes.ts'
import type { StoreOperations } from '../operations.ts'

/** Each write forgets some of what is over: as many as it keeps, and a few more. */
const forgottenAtOnce = 20

export type NoteSql = ReturnType<typeof prepareNoteSql>

/** The index of `over` is outgoing_note_until; of the others, the table's key. */
export const prepareNoteSql = (db: Database) => ({
  put: db.prepare<unknown[]>(
    `INSERT INTO outgoing_note (kind, name, value, until) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value, until = excluded.until`,
  ),
  remove: db.prepare<unknown[]>('DELETE FROM outgoing_note WHERE kind = ? AND name = ?'),
  over: db.prepare<[number, number], { kind: string; name: string }>(
    'SELECT kind, name FROM outgoing_note WHERE until <= ? LIMIT ?',
  ),
  isThere: db
    .prepare<[string, string, number]>(
      'SELECT EXISTS (SELECT 1 FROM outgoing_note WHERE kind = ? AND name = ? AND until > ?)',
    )
    .pluck(),
})

export const isKnown = ({ isThere }: NoteSql, { kind, name }: Note, now: number): boolean =>
  isThere.get(kind, name, now) === 1

export function noteOperations({ put, remove, over }: NoteSql): Pick<StoreOperations, 'noteOutgoing'> {
  return {
    noteOutgoing({ put: notes, drop, now }) {
      for (const { kind, name } of over.all(now, notes.length + forgottenAtOnce)) remove.run(kind, name)
      for (const { kind, name, value, until } of notes) put.run(kind, name, value, until)
      for (const { kind, name } of drop) remove.run(kind, name)
      return { answer: undefined, changes: [] }
    },
  }
}
