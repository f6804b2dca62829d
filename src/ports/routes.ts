import type { Address, DomainName } from '../lib/address.ts'
import type { RelayTarget } from '../lib/relay-target.ts'
import type { Way } from './outgoing-queue.ts'
import type { TryLater } from './runtime.ts'

/** Where mail for a domain that we only pass on goes. Mailu: `transport`. */
export interface RelayRoutes {
  relay(domain: DomainName): Promise<RelayRoute>
}

export type RelayRoute =
  /** Not one of our relays: its MX hosts. */
  | { readonly kind: 'none' }
  | ({ readonly kind: 'relay' } & RelayTarget)
  /** An old row whose text means nothing: wait until somebody mends it. */
  | TryLater

/** Return paths that survive forwarding (SRS). Mailu: `sender/map`, `recipient/map`. */
export interface ReturnPaths {
  /**
   * The envelope sender under which a message leaves for `recipient`: rewritten only when it goes to a foreign domain from a
   * foreign one; and the way, where it is another than that of the recipient's domain.
   */
  leaving(sender: Address | undefined, recipient: Address): Promise<ReturnPath>
}

type ReturnPath =
  | {
      readonly kind: 'path'
      readonly sender: Address | undefined
      /** To the old server of somebody whose mail is still there. */
      readonly way?: Way | undefined
    }
  | TryLater
