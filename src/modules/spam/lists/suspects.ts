import { withoutMapping } from '../../../lib/network-of.ts'
import type { Arrival } from '../../../ports/intake.ts'
import type { AuthChecks } from '../../../ports/mail-authentication.ts'
import { askedHosts, type NamesInside } from '../content/names.ts'
import { isInWorld, isNearby } from '../nearby.ts'
import type { Suspects } from './questions.ts'

const mostSigners = 2

/** Whom lists are asked about. What is local, or of our own house, is nobody's business. */
export function suspectsOf(
  { client, sender }: Arrival,
  { hosts, linked, mailboxes, hops }: NamesInside,
  checks: AuthChecks | undefined,
): Suspects {
  const ip = withoutMapping(client.ip)
  const signers = (checks?.dkim ?? []).filter(({ result }) => result === 'pass').map(({ domain }) => domain)
  return {
    client: isNearby(ip) ? undefined : ip,
    hops: hops.filter((hop) => hop !== ip),
    hosts: askedHosts([sender?.split('@').at(-1) ?? '', ...hosts]),
    linked,
    mailboxes,
    signers: [...new Set(signers)].filter(isInWorld).slice(0, mostSigners),
  }
}
