import type { AccountId } from './accounts.ts'
import type { Judgement } from './spam-judge.ts'

/** Teaching the filter by hand, and asking it. Rspamd: rspamc. */
export interface SpamTeaching {
  /** Without an account for everybody; then what somebody said by moving the same message stands. */
  teach(lesson: {
    readonly message: Uint8Array
    readonly spam: boolean
    readonly account: AccountId | undefined
  }): Promise<{ readonly kind: 'learned' | 'known' | 'unreadable' }>
  /** What a message says by itself, and experience of it: neither who brought it, nor what DNS knows. */
  classify(question: {
    readonly message: Uint8Array
    readonly account: AccountId | undefined
  }): Promise<
    ({ readonly kind: 'classified' } & Pick<Judgement, 'score' | 'reasons'>) | { readonly kind: 'unreadable' }
  >
  /**
   * Learns what lies in the folders of these people: Junk is spam, what they have read elsewhere is wanted. In the background; what is left
   * when the server stops is learned when it runs again.
   */
  retrain(accounts: readonly AccountId[]): Promise<void>
  status(): Promise<TeachingStatus>
}

interface TeachingStatus {
  readonly ham: number
  readonly spam: number
  /** Different signs that are counted. */
  readonly tokens: number
  /** People whose folders are still to be learned from. */
  readonly waiting: number
}
