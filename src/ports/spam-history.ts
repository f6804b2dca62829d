import type { Address, DomainName } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { AuthChecks } from './mail-authentication.ts'
import type { Judgement } from './spam-judge.ts'

/** What was made of each message of the last weeks, refused ones too, and why. Rspamd's history. */
export interface SpamHistory {
  /** The newest first, 1,000 at most; of an address: those that it sent or got. */
  judged(question: HistoryQuestion): Promise<readonly JudgedMessage[]>
  /** Where the messages judged last would lie, 1,000 at most; changes nothing. */
  backtest(question: BacktestQuestion): Promise<Backtest>
}

export interface BacktestQuestion {
  /** For everybody; without it each reader's own. */
  readonly threshold: number | undefined
  readonly last: number
  /** By today's rules, where a message is still there; otherwise by the points it had. */
  readonly again: boolean
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
  /** How whoever brought it introduced himself; undefined where an older version judged it. */
  readonly client: { readonly helo: string; readonly tls: boolean; readonly repliesEach: boolean } | undefined
}

export interface Backtest {
  /** Messages, those refused among them. */
  readonly looked: number
  /** Of accepted messages for readers whose threshold decides. */
  readonly copies: number
  readonly changed: readonly (Pick<JudgedMessage, 'number' | 'id' | 'at' | 'from' | 'subject'> & {
    readonly reader: Address
    readonly percent: number
    readonly to: 'junk' | 'mailbox' | 'refused'
    /** Names of reasons that are new, and of those that are no more. */
    readonly appeared: readonly string[]
    readonly vanished: readonly string[]
  })[]
  /** How many messages were judged again, and how many not: they were not accepted, are not there any more, or were judged by an older version. */
  readonly again?: {
    readonly judged: number
    readonly refused: number
    readonly gone: number
    readonly old: number
  }
}
