import type { Address, DomainName } from '../../../lib/address.ts'
import type { AddressResolver, LocalDomains, SenderPolicy } from '../../../ports/addresses.ts'
import type { RelayRoutes, ReturnPaths } from '../../../ports/routes.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { SendingAllowance } from '../allowance.ts'
import type { Directory } from '../directory/directory.ts'
import type { Snapshot } from '../directory/snapshot.ts'
import { orLater } from '../directory/trouble.ts'
import { wayElsewhere } from '../elsewhere.ts'
import type { Secrets } from '../secrets.ts'
import { relayRoute } from './relays.ts'
import { resolveAddress } from './resolve.ts'
import { ReturnAddresses } from './return-addresses.ts'
import { maySendAs } from './sender-rights.ts'

interface LookupNeeds {
  readonly directory: Directory
  readonly allowance: SendingAllowance
  readonly secrets: Secrets
  readonly clock: Clock
  readonly settings: {
    readonly domain: DomainName
    readonly recipientDelimiter: string
    readonly postmaster: Address
    readonly wildcardSenders: readonly string[]
  }
}

interface Lookups {
  readonly addresses: AddressResolver
  readonly senders: SenderPolicy
  readonly relays: RelayRoutes
  readonly returnPaths: ReturnPaths
  readonly domains: LocalDomains
}

/** What other services asked Mailu's admin about addresses; docs/lookups.md has the table. */
export function createLookups({ directory, allowance, secrets, settings, clock }: LookupNeeds): Lookups {
  const look = <T>(answer: (snapshot: Snapshot) => T) =>
    orLater(async () => answer(await directory.snapshot()))
  const returns = new ReturnAddresses(settings.domain, () => secrets.derive('SRS_KEY'), clock)
  const rules = {
    ...settings,
    wildcardSenders: new Set(settings.wildcardSenders.map((login) => login.toLowerCase())),
    returns,
  }
  return {
    addresses: { resolve: (recipient) => look((snapshot) => resolveAddress(snapshot, rules, recipient)) },
    senders: {
      maySendAs: (account, sender) =>
        look((snapshot) => ({ kind: maySendAs(snapshot, rules, account, sender) ? 'allowed' : 'refused' })),
      spendAllowance: (account) =>
        look(({ byAccount }) => {
          const user = byAccount.get(account)
          return user ? allowance.spend(user) : { kind: 'granted' }
        }),
    },
    relays: { relay: (domain) => look((snapshot) => relayRoute(snapshot, domain)) },
    returnPaths: {
      leaving: (sender, recipient) =>
        look((snapshot) => ({
          kind: 'path',
          sender: returns.leaving(snapshot, sender, recipient),
          way: wayElsewhere(snapshot, recipient),
        })),
    },
    domains: { list: async () => [...(await directory.snapshot()).mainDomains.keys()] },
  }
}
