import type { Address } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { AuthReport } from '../../ports/mail-authentication.ts'
import type { Way } from '../../ports/outgoing-queue.ts'
import type { RememberedKey } from '../../ports/remembered.ts'
import type { SieveSettings } from '../../ports/sieve.ts'
import type { Judgement } from '../../ports/spam-judge.ts'
import type { LeavingRules } from './leaving.ts'
import type { Expansion } from './resolve.ts'
import type { Person } from './rules/person.ts'

/** All that a plan depends on: the same facts make the same plan, today and when it is replayed. */
export interface PlanFacts {
  readonly arrival: Arrival
  readonly report: AuthReport
  readonly judgement: Judgement
  readonly snapshot: Snapshot
  readonly rules: PlanRules
}

/** What the world looked like when the message was planned. */
export interface Snapshot {
  readonly now: number
  /** Makes ids of what rules write. */
  readonly seed: string
  /** Of each recipient of the arrival, in its order. */
  readonly expansions: readonly Expansion[]
  /** Senders that are rewritten, by where the message goes (SRS). */
  readonly senders: ReadonlyMap<Address, Address | undefined>
  /** Ways that are not those of their domains, by where the message goes. */
  readonly ways: ReadonlyMap<Address, Way>
  /** Undefined is an account that is gone. */
  readonly people: ReadonlyMap<AccountId, Person | undefined>
  /** Where the addresses lead that rules name. */
  readonly elsewhere: ReadonlyMap<Address, Expansion>
  /** Of the message, its header at least, where somebody's rules read it. */
  readonly bytes: Uint8Array | undefined
  /** What rules were told to have seen before. */
  readonly seen: readonly RememberedKey[]
}

export interface PlanRules extends LeavingRules {
  readonly hostname: string
  readonly sieve: SieveSettings
}
