import type { AccountId } from './accounts.ts'

/** Something that an account's rules remember: whom they answered, what they have seen. */
export interface RememberedKey {
  readonly account: AccountId
  readonly key: string
}

export interface DeliveryGuard extends RememberedKey {
  /** UTC milliseconds: forgotten after it. */
  readonly until: number
  /** It may be known already: then its time begins anew. */
  readonly renews: boolean
}

/** What the rules of one account decided about one message. */
export interface Decision {
  readonly account: AccountId
  /** The address that led here. */
  readonly recipient: string
  readonly steps: readonly string[]
}

/** A decision as it is kept. */
export interface KeptDecision extends Decision {
  /** Rises; never reused. */
  readonly number: number
  /** The arrival's id. */
  readonly arrival: string
  readonly at: number
  readonly sender: string
}
