import type { Arrival } from './intake.ts'
import type { AuthReport } from './mail-authentication.ts'

/** Weighs a message. Rspamd in Mailu. */
export interface SpamJudge {
  judge(arrival: Arrival, report: AuthReport): Promise<Judgement>
}

export interface Judgement {
  readonly action: 'accept' | 'junk' | 'later' | 'reject'
  readonly score: number
  /** Every reason with its weight, so that the verdict explains itself. */
  readonly reasons: readonly { readonly name: string; readonly score: number; readonly why: string }[]
  /** Trace headers to add, CRLF-ended. */
  readonly headers: string
}
