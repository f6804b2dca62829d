import { isIPv4 } from 'node:net'
import { type DomainName, parseDomain } from './address.ts'

/** Where a relay's mail goes. */
export interface RelayTarget {
  readonly protocol: 'smtp' | 'lmtp'
  /** A host name or an IP address. */
  readonly host: string
  /** Undefined is the protocol's own. */
  readonly port: number | undefined
  /** Asks for the host's MX records; otherwise it is the host itself. */
  readonly byMx: boolean
}

export const relayTargetExpected =
  'nothing, :port, host, host:port, mx:host, mx:host:port, lmtp:host, lmtp:host:port, [IPv6] or [IPv6]:port'

/** The same text again. */
export function relayTargetText({ protocol, host, port, byMx }: RelayTarget): string {
  const scheme = byMx ? 'mx:' : ''
  const name = host.includes(':') ? `[${host}]` : host
  return `${protocol === 'lmtp' ? 'lmtp:' : scheme}${name}${port === undefined ? '' : `:${port}`}`
}

const form = /^(?:(mx|lmtp):)?(?:\[(?:ipv6:)?([\da-f:.]+)\]|([^:[\]\s]*))(?::(\d{1,5}))?$/

/** Reads Mailu's column `smtp` of a relay; undefined where it is no target. `relay` is whose mail it is. */
export function parseRelayTarget(text: string, relay: DomainName): RelayTarget | undefined {
  const found = form.exec(text.trim().toLowerCase())
  if (!found) return undefined
  const [, scheme, ipv6, name = '', digits] = found
  const port = digits === undefined ? undefined : Number(digits)
  const protocol = scheme === 'lmtp' ? 'lmtp' : 'smtp'
  if (port === 0 || (port ?? 0) > 65_535) return undefined
  if (ipv6 !== undefined) {
    const isAddress = scheme !== 'mx' && URL.canParse(`http://[${ipv6}]/`)
    return isAddress ? { protocol, host: ipv6, port, byMx: false } : undefined
  }
  // Without a host it is the relay's own name, and its MX hosts; that says nothing to an `lmtp:` or `mx:`.
  if (name === '') return scheme === undefined ? { protocol, host: relay, port, byMx: true } : undefined
  const host = isIPv4(name) ? name : parseDomain(name)
  return host === undefined ? undefined : { protocol, host, port, byMx: scheme === 'mx' }
}
