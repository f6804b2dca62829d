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
  /** Takes back what the filter has learned from its own verdicts; how many lessons that were. */
  unlearn(): Promise<number>
  /** What everybody, or an account, has taught the classifier, as text for `import`. */
  export(account: AccountId | undefined): Promise<string>
  /** Puts it in the place of what is there: the same again changes nothing. `unreadable` in that line: nothing was changed. */
  import(taught: {
    readonly account: AccountId | undefined
    readonly text: string
  }): Promise<
    | { readonly kind: 'imported'; readonly tokens: number }
    | { readonly kind: 'unreadable'; readonly line: number }
  >
  status(): Promise<TeachingStatus>
}

interface TeachingStatus {
  readonly ham: number
  readonly spam: number
  /** Of them the filter's own. */
  readonly itself: { readonly ham: number; readonly spam: number }
  /** Different signs that are counted. */
  readonly tokens: number
  /** People whose folders are still to be learned from. */
  readonly waiting: number
}
