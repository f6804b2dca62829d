import { isIP } from 'node:net'
import { withoutMapping } from '../../lib/network-of.ts'
import { type Networks, parseNetworks, privateNetworks } from '../../lib/networks.ts'
import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { Clock } from '../../ports/runtime.ts'
import { troubles } from './trouble.ts'

export interface ReachParts {
  readonly dns: Pick<DnsResolver, 'resolve'>
  readonly clock: Clock
  /** Networks of ours that people may fetch from. */
  readonly allowed: Networks
  /** Our own names, in lower case. */
  readonly hostnames: readonly string[]
}

/** A server, and where it was found: nobody asks for its name again, so that it cannot move into our house meanwhile. */
export interface Place {
  readonly host: string
  /** What its certificate has to name, where that is no address. RFC 9525; RFC 6066 §3 has no addresses. */
  readonly servername?: string
  readonly port: number
  readonly addresses: readonly string[]
  /** It is in a network that was named as ours: clear text may do there, and nobody vouches for names. */
  readonly isNear: boolean
}

interface Wanted {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly user: string
}

const mostAddresses = 4
const lookUpMs = 20_000
const mailPorts: ReadonlySet<number> = new Set([110, 143, 993, 995])
const firstFreePort = 1024
/**
 * Nothing that anybody fetches mail from: "this network", what is shared behind providers, tests, groups, and all that is reserved. A
 * connection to 0.0.0.0 or `::`, in whatever way it is written, goes to this machine.
 */
const nowhere = parseNetworks([
  ...['0.0.0.0/8', '100.64.0.0/10', '192.0.0.0/24', '198.18.0.0/15', '224.0.0.0/3'],
  // RFC 4291 §2.5: what begins with 96 bits of nothing is unspecified, this machine, or an old way to write IPv4.
  ...['::/96', 'fec0::/10', 'ff00::/8'],
]).networks

/** People choose these names and ports: they must not reach what only we can reach. */
export async function reach({ dns, clock, allowed, hostnames }: ReachParts, wanted: Wanted): Promise<Place> {
  const { host, port, username, user } = wanted
  if (!mailPorts.has(port) && port < firstFreePort) throw troubles.strangePort(port)
  const name = host.toLowerCase().replace(/\.$/, '')
  if (hostnames.includes(name) && username.toLowerCase() === user) throw troubles.ourselves()
  const addresses = (await addressesOf(dns, name, clock)).map(withoutMapping)
  if (addresses.length === 0) throw troubles.unknownHost(host)
  const near = addresses.filter((address) => privateNetworks.has(address) || nowhere.has(address))
  if (near.some((address) => !allowed.has(address))) throw troubles.privateNetwork(host)
  // What may go to a network of ours in clear text goes nowhere else.
  const there = near.length > 0 ? near : addresses
  return {
    host,
    ...(isIP(literalOf(name)) === 0 && { servername: name }),
    port,
    addresses: there.slice(0, mostAddresses),
    isNear: near.length > 0,
  }
}

async function addressesOf(dns: ReachParts['dns'], name: string, clock: Clock): Promise<readonly string[]> {
  const literal = literalOf(name)
  if (isIP(literal) !== 0) return [literal]
  const deadlineMs = clock.now() + lookUpMs
  const outcomes = await Promise.all(
    (['A', 'AAAA'] as const).map((type) => dns.resolve({ name, type, deadlineMs })),
  )
  const found = outcomes.flatMap((outcome) =>
    outcome.kind === 'records'
      ? outcome.records.flatMap((record) => ('address' in record ? [record.address] : []))
      : [],
  )
  if (found.length > 0) return found
  if (outcomes.some(({ kind }) => kind === 'later' || kind === 'bogus')) throw troubles.noAnswerOfNames(name)
  return []
}

/** An address may stand in brackets. */
const literalOf = (name: string): string => name.replace(/^\[(.*)\]$/, '$1')
