import type { DomainName } from '../../../lib/address.ts'
import { parseRelayTarget } from '../../../lib/relay-target.ts'
import type { RelayRoute } from '../../../ports/routes.ts'
import type { Snapshot } from '../directory/snapshot.ts'

export function relayRoute({ relays }: Snapshot, domain: DomainName): RelayRoute {
  const relay = relays.get(domain)
  if (!relay) return { kind: 'none' }
  const target = parseRelayTarget(relay.target, domain)
  if (target) return { kind: 'relay', ...target }
  const text = `The relay ${domain} has “${relay.target}” as its target, which means nothing. Mend it.`
  return { kind: 'later', reason: 'not-there-yet', text }
}
