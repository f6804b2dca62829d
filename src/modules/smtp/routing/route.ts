import type { DomainName } from '../../../lib/address.ts'
import { parseRelayTarget, type RelayTarget } from '../../../lib/relay-target.ts'
import type { MappedRoute, RouteKey, RouteMap } from '../../../lib/route-map.ts'
import type { Way } from '../../../ports/outgoing-queue.ts'
import type { RelayRoutes } from '../../../ports/routes.ts'
import type { RelayLogin } from '../client/login.ts'
import type { MapFile } from '../map-file.ts'
import type { Fallback } from './fallback.ts'
import { type Finding, findHosts, findServer, type Hosts } from './find-hosts.ts'
import type { NoRoute } from './mx.ts'

/** The servers for one destination, in the order in which they are tried, and how they are spoken to. */
export type Route =
  | (Extract<Hosts, { kind: 'hosts' }> & {
      readonly protocol: 'smtp' | 'lmtp'
      readonly port: number
      readonly login: RelayLogin | undefined
      /** What was asked for its servers: the domain itself, or the relay that takes its mail. */
      readonly nextHop: string
      /** Its MX records named the servers: it is a domain, and may have a policy for them. */
      readonly isDomain: boolean
      /** No policy of theirs keeps it back. */
      readonly anyhow?: boolean
    })
  | NoRoute

interface Relay {
  readonly target: RelayTarget
  readonly login: RelayLogin | undefined
}

export interface Routing extends Finding {
  readonly relays: RelayRoutes
  /** routes.map of the administrator. */
  readonly routes: Pick<MapFile<RouteMap>, 'read'>
  /** RELAYHOST: takes everything that has no route of its own. */
  readonly relayHost: Relay | undefined
  /** Where another way was found to work. */
  readonly fallback: Pick<Fallback, 'wayTo'>
  /** Our login at these, where somebody chooses them as a way. */
  readonly logins: readonly Relay[]
  /** 25, but in tests. */
  readonly port: number
}

/** Chosen ways first, then relays of their own, then RELAYHOST, then the world's MX records. Mailu: transport_maps, relayhost. */
export async function routeOf(way: Way, routing: Routing): Promise<Route> {
  if (!way.startsWith(anyhow)) return routeBy(way, routing)
  const route = await routeBy(way.slice(anyhow.length), routing)
  // A password is another matter.
  return route.kind === 'hosts' && route.isDomain && !route.login ? { ...route, anyhow: true } : route
}

const anyhow = 'anyhow:'

async function routeBy(way: Way, routing: Routing): Promise<Route> {
  const found = await routing.routes.read()
  if (found.kind === 'broken') return { kind: 'later', status: '4.3.5', text: found.text }
  if (way.startsWith(via)) return byChoice(way, found.map, routing)
  const mapped = found.map.get(mappedBy(way))
  if (mapped) return byRelay(relayIn(mapped), routing)
  if (isBySender(way)) return { kind: 'later', status: '4.3.5', text: `There is no relay ${way} any more` }
  return byDomain(way as DomainName, found.map, routing)
}

async function byDomain(domain: DomainName, map: RouteMap, routing: Routing): Promise<Route> {
  const relay = await routing.relays.relay(domain)
  if (relay.kind === 'later') return { kind: 'later', status: '4.3.5', text: relay.text }
  if (relay.kind === 'relay') return byRelay({ target: relay, login: undefined }, routing)
  if (routing.relayHost) return byRelay(routing.relayHost, routing)
  const another = await routing.fallback.wayTo(domain)
  if (another !== undefined) return byChoice(another, map, routing)
  const hosts = await findHosts(domain, routing)
  if (hosts.kind !== 'hosts') return hosts
  return { ...hosts, protocol: 'smtp', port: routing.port, login: undefined, nextHop: domain, isDomain: true }
}

const via = 'via:'
const from = 'from:'

/** The way of senders with a relay of their own. */
export const bySender = (key: RouteKey): Way => `${from}${key}`
export const isBySender = (way: Way) => way.startsWith(from)

const mappedBy = (way: Way) => (isBySender(way) ? way.slice(from.length) : way) as RouteKey

const relayIn = ({ target, login }: MappedRoute): Relay => ({
  target,
  login: login && { ...login, evenUnencrypted: false },
})

async function byChoice(way: Way, map: RouteMap, routing: Routing): Promise<Route> {
  const target = parseRelayTarget(way.slice(via.length), noDomain)
  if (!target)
    return { kind: 'later', status: '4.3.5', text: `${way} is no way that anything can be sent by` }
  const known = [...routing.logins, ...[...map.values()].map(relayIn)].find(
    (relay) => relay.target.host === target.host && relay.target.port === target.port,
  )
  return byRelay({ target, login: known?.login }, routing)
}

/** What a target without a host would stand for: nothing, here. */
const noDomain = 'invalid' as DomainName

/** RFC 2033 §5: LMTP has no port of its own. 24 is the private mail system's. */
const lmtpPort = 24

async function byRelay({ target, login }: Relay, routing: Routing): Promise<Route> {
  const { protocol, host, byMx } = target
  const hosts = byMx ? await findHosts(host as DomainName, routing) : await findServer(host, routing)
  if (hosts.kind !== 'hosts') return hosts
  const port = target.port ?? (protocol === 'lmtp' ? lmtpPort : routing.port)
  return { ...hosts, protocol, port, login, nextHop: host, isDomain: byMx }
}
