import type { AccountId } from './accounts.ts'
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

/** What is made of a message; where `personal` names an account, its part holds for the account's copy. */
export interface Judgement extends Weighed {
  readonly action: 'accept' | 'junk' | 'later' | 'reject'
  /** What its sender hears where it is not accepted: reply code, enhanced status code, text. */
  readonly refusal?: { readonly code: number; readonly status: string; readonly text: string }
  /** The name of the reason that decided alone, whatever the score. */
  readonly forcedBy?: string
  /** Accounts that have taught the filter something of their own. */
  readonly personal?: readonly PersonalJudgement[]
}

export interface PersonalJudgement extends Weighed {
  readonly account: AccountId
}

interface Weighed {
  readonly score: number
  /** Every reason with its weight, so that the verdict explains itself. */
  readonly reasons: readonly Reason[]
  /** Trace headers to add, CRLF-ended. */
  readonly headers: string
}

interface Reason {
  /** Rspamd's symbol, where it has one. */
  readonly name: string
  readonly score: number
  /** One line for a person, in English; other languages go by the name. */
  readonly why: string
  /** What was found: a list, a domain, the name of a file. */
  readonly parameters?: readonly string[]
}
