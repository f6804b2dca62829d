import type { AccountId } from './accounts.ts'
import type { ByteRange } from './message.ts'
import type { TryLater } from './runtime.ts'

/**
 * What people tell the spam filter by moving their mail: written down in the transaction that moves it, the last word on each
 * message alone. Mailu: imapsieve.
 */
export interface LessonBook {
  /** Those that the filter has not been told yet, the oldest first. */
  waiting(atMost: number): Promise<readonly Lesson[]>
  /** Of the message that a lesson is about, trace headers first; undefined where it is gone. */
  bytes(lesson: Lesson, range: ByteRange): Promise<Uint8Array | undefined>
  /** The filter knows them. Told again after a crash in between: a filter that was told the same twice has learned it once. */
  taught(lessons: readonly Lesson[]): Promise<{ kind: 'done' } | TryLater>
}

export interface Lesson {
  readonly account: AccountId
  /** Never reused. */
  readonly email: number
  readonly spam: boolean
  /** What the filter was told of the same message before; undefined: nothing. */
  readonly before: boolean | undefined
}
