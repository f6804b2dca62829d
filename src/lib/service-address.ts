import { isIP } from 'node:net'
import { parseDomain } from './address.ts'

/** Where a program beside us listens. */
export type ServiceAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

const tcp = /^(?:inet6?:|tcp:)?(?:\[([\da-f:.]+)\]|([^:@[\]/\s]+))(?::(\d{1,5}))?$/i
/** As sendmail writes it: the port first. */
const portFirst = /^inet6?:(\d{1,5})@(?:\[([\da-f:.]+)\]|([^@[\]/\s]+))$/i
const unix = /^(?:(?:unix|local):)?(\/[^\s,]+)$/i

/**
 * `host`, `host:port`, `[::1]:port`, `inet:host:port`, `inet:port@host`, `/path`, `unix:/path`. Undefined where it is none of these, or names no port
 * and there is no usual one.
 */
export function parseServiceAddress(text: string, usualPort?: number): ServiceAddress | undefined {
  const [, path] = unix.exec(text) ?? []
  if (path !== undefined) return { kind: 'unix', path }
  const [, firstPort, ipv6Behind, nameBehind] = portFirst.exec(text) ?? []
  const [, ipv6 = ipv6Behind, name = nameBehind, digits = firstPort] = tcp.exec(text) ?? []
  const port = digits === undefined ? usualPort : Number(digits)
  const host = hostOf(ipv6, name)
  if (host === undefined || port === undefined || port < 1 || port > 65_535) return undefined
  return { kind: 'tcp', host, port }
}

/** A name without a dot is a container's, or this machine's. */
function hostOf(ipv6: string | undefined, name: string | undefined): string | undefined {
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? ipv6 : undefined
  if (name === undefined || isIP(name) !== 0) return name
  return parseDomain(name) ?? (/^[a-z0-9_-]{1,63}$/i.test(name) ? name.toLowerCase() : undefined)
}

/** For people and logs. */
export function serviceAddressText(address: ServiceAddress): string {
  if (address.kind === 'unix') return address.path
  return isIP(address.host) === 6 ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
