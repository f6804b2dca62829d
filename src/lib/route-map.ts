import { type Address, type DomainName, domainOf, parseAddress, parseDomain } from './address.ts'
import { BadSyntax } from './bad-syntax.ts'
import { parseRelayTarget, type RelayTarget, relayTargetExpected } from './relay-target.ts'

/** Whose mail: to a domain (`far.example`), from an address, or from a domain (`@home.example`). */
export type RouteKey = string & { readonly brand: 'RouteKey' }

export interface MappedRoute {
  readonly target: RelayTarget
  readonly login: { readonly user: string; readonly password: string } | undefined
}

export type RouteMap = ReadonlyMap<RouteKey, MappedRoute>

export const routeKeyExpected = 'a domain, an address, or @ and a domain'

/** Not what a line could not begin with: a comment, or an address with a blank in it. */
export function parseRouteKey(text: string): RouteKey | undefined {
  if (/^#|\s/.test(text)) return undefined
  if (!text.startsWith('@')) return (parseAddress(text) ?? parseDomain(text)) as RouteKey | undefined
  const domain = parseDomain(text.slice(1))
  return domain && (`@${domain}` as RouteKey)
}

/** Where such mail goes; senders have no host of their own that an empty target could mean. */
export function parseRouteTarget(key: RouteKey, text: string): RelayTarget | undefined {
  if (!key.includes('@')) return parseRelayTarget(text, key as string as DomainName)
  return /^:?\d*$/.test(text) ? undefined : parseRelayTarget(text, 'invalid' as DomainName)
}

/** Postfix's transport, sender_dependent_relayhost and sasl_passwd in one: `ann@home.example  smtp.far.example:587  user:password`. */
export function readRouteMap(text: string): RouteMap {
  const map = new Map<RouteKey, MappedRoute>()
  text.split(/\r?\n/).forEach((line, index) => {
    if (/^\s*(?:#|$)/.test(line)) return
    const [, key = '', target = '', user, password = ''] =
      /^\s*(\S+)\s+(\S+)(?:\s+([^\s:][^:]*):(.*))?$/.exec(line) ?? []
    const wrong = (expected: string) => {
      throw new BadSyntax(`line ${index + 1}: expected ${expected}`, index + 1)
    }
    const whose = parseRouteKey(key) ?? wrong(`${routeKeyExpected}, a relay, and perhaps user:password`)
    const where = parseRouteTarget(whose, target) ?? wrong(relayTargetExpected)
    map.set(whose, { target: where, login: user === undefined ? undefined : { user, password } })
  })
  return map
}

/** The most particular line for a sender: his address, then his domain. */
export function senderKey(map: RouteMap, sender: Address | undefined): RouteKey | undefined {
  if (sender === undefined) return undefined
  return [sender, `@${domainOf(sender)}`].map((key) => key as RouteKey).find((key) => map.has(key))
}

/** The same text with another line for the key, or none. Everything else stays as somebody wrote it. */
export function withRoute(text: string, key: RouteKey, line: string | undefined): string {
  const others = text
    .split(/\r?\n/)
    .filter((each) => /^\s*(?:#|$)/.test(each) || parseRouteKey(/\S+/.exec(each)?.[0] ?? '') !== key)
  while (others.at(-1) === '') others.pop()
  return [...others, ...(line === undefined ? [] : [line]), ''].join('\n')
}
