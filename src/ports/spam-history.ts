import type { Address, DomainName } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { AuthChecks } from './mail-authentication.ts'
import type { Judgement } from './spam-judge.ts'

/** What was made of each message of the last weeks, refused ones too, and why. Rspamd's history. */
export interface SpamHistory {
  /** The newest first, 1,000 at most; of an address: those that it sent or got. */
  judged(question: HistoryQuestion): Promise<readonly JudgedMessage[]>
  /** What another threshold for everybody would have changed for the messages judged last, 1,000 at most; changes nothing. */
  backtest(question: { readonly threshold: number; readonly last: number }): Promise<Backtest>
}

export interface HistoryQuestion {
  readonly atMost: number
  /** Older than this number. */
  readonly before?: number
  readonly address?: Address
  /** Of senders or recipients in one of them. */
  readonly domains?: readonly DomainName[]
  /** Of which this was made. */
  readonly actions?: readonly Judgement['action'][]
  /** Of the message in the log. */
  readonly id?: string
}

export interface JudgedMessage {
  /** Rises with time. */
  readonly number: number
  /** Of the message in the log and in our Received header. */
  readonly id: string
  readonly at: number
  readonly ip: string
  /** Empty is the null reverse-path. */
  readonly sender: string
  /** The first of them. */
  readonly recipients: readonly Address[]
  readonly from: string
  readonly subject: string
  readonly size: number
  readonly judgement: Pick<Judgement, 'action' | 'score' | 'reasons' | 'refusal' | 'forcedBy'>
  /** Scores of those whose own experience said something else. */
  readonly personal: readonly { readonly account: AccountId; readonly score: number }[]
  /** What DNS and signatures said then; undefined where nothing was checked. */
  readonly checks: AuthChecks | undefined
}

export interface Backtest {
  /** Messages, those refused among them. */
  readonly looked: number
  /** Of accepted messages for readers whose threshold decides. */
  readonly copies: number
  readonly changed: readonly (Pick<JudgedMessage, 'number' | 'id' | 'at' | 'from' | 'subject'> & {
    readonly reader: Address
    readonly percent: number
    /** It would have gone to Junk; otherwise it would not have. */
    readonly toJunk: boolean
  })[]
}
