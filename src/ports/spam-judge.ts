import type { Arrival } from './intake.ts'
import type { Lesson } from './lessons.ts'
import type { AuthReport } from './mail-authentication.ts'
import type { TryLater } from './runtime.ts'

/** Weighs a message. Rspamd in Mailu. */
export interface SpamJudge {
  judge(arrival: Arrival, report: AuthReport): Promise<Judgement>
  /**
   * Learns what owners say of their mail, for each himself and for all. Told the same twice it has learned it once; where
   * `before` says otherwise, that is unlearned first. `later`: it is told again.
   */
  learn(messages: readonly TaughtMessage[]): Promise<{ kind: 'learned' } | TryLater>
}

export interface TaughtMessage extends Lesson {
  /** Its beginning, trace headers first. */
  readonly message: Uint8Array
}

export interface Judgement {
  readonly action: 'accept' | 'junk' | 'later' | 'reject'
  readonly score: number
  /** Every reason with its weight, so that the verdict explains itself. */
  readonly reasons: readonly { readonly name: string; readonly score: number; readonly why: string }[]
  /** Trace headers to add, CRLF-ended. */
  readonly headers: string
}
