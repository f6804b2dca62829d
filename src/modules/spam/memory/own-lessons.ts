import type { Database } from '../../../platform/sqlite/database.ts'
import type { MailClass } from '../learn/token-counts.ts'
import type { LessonRow } from './program.ts'

/** Who teaches what the filter teaches itself; 0 is whoever teaches for everybody. */
export const itself = -1
/** Of each kind. Beyond it the oldest is taken back, so that what is counted has an end. */
export const mostOwn = 500
/** Mailu's rspamd learns no more of one kind once the other is less than nine tenths of it. */
const balance = 0.9

export type Lessons = Readonly<Record<MailClass, number>>

/**
 * Whether one more keeps both kinds near each other, among all lessons; and of its own it has no more spam than ham, since a filter that
 * teaches itself spam alone soon sees nothing else.
 */
export function keepsBalance(as: MailClass, all: Lessons, own: Lessons): boolean {
  const other = as === 'spam' ? 'ham' : 'spam'
  return all[as] * balance <= all[other] && (as === 'ham' || own.spam < own.ham)
}

/** What the filter has taught itself, as it stands in the file. */
export class OwnLessons {
  readonly #count
  readonly #oldest

  constructor(db: Database) {
    this.#count = db
      .prepare<[number, number], number>('SELECT count(*) FROM lesson WHERE account = ? AND spam = ?')
      .pluck()
    this.#oldest = db.prepare<[number], LessonRow>(
      'SELECT * FROM lesson WHERE account = -1 AND spam = ? ORDER BY at LIMIT 1',
    )
  }

  count(): Lessons {
    return { ham: this.#count.get(itself, 0) ?? 0, spam: this.#count.get(itself, 1) ?? 0 }
  }

  oldest(spam: boolean): LessonRow | undefined {
    return this.#oldest.get(Number(spam))
  }
}
