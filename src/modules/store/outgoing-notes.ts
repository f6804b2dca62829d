import type { Database } from '../../platform/sqlite/database.ts'
import type { Note, OutgoingNotes } from '../../ports/outgoing-notes.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { NoteArgs } from './operations.ts'
import { tryLater } from './try-later.ts'
import type { Writing } from './writing.ts'

interface NotesParts {
  readonly writing: Writing
  readonly db: Database
  readonly clock: Clock
}

/** The notes as they lie in mail.db. The index of each query is the table's key. */
export function createOutgoingNotes({ writing, db, clock }: NotesParts): OutgoingNotes {
  const one = db.prepare<[string, string, number], Note>(
    'SELECT kind, name, value, until FROM outgoing_note WHERE kind = ? AND name = ? AND until > ?',
  )
  const some = db.prepare<[string, string, number, number], Note>(
    'SELECT kind, name, value, until FROM outgoing_note WHERE kind = ? AND name > ? AND until > ? ORDER BY name LIMIT ?',
  )
  const write = async (args: Omit<NoteArgs, 'now'>) => {
    try {
      await writing.run('noteOutgoing', { ...args, now: clock.now() })
      return { kind: 'kept' } as const
    } catch (error) {
      return tryLater(error)
    }
  }
  return {
    get: async (kind, name) => one.get(kind, name, clock.now()),
    list: async (kind, after, limit) => some.all(kind, after, clock.now(), limit),
    put: (notes) => write({ put: notes, drop: [] }),
    drop: (kind, names) => write({ put: [], drop: names.map((name) => ({ kind, name })) }),
  }
}
