import { domainToASCII } from 'node:url'

/** A mailbox address in the one form we store and compare: NFC, lower case, domain as A-labels. Made by `parseAddress` alone. */
export type Address = string & { readonly brand: 'Address' }

/** A domain name as lower-case A-labels, no final dot. Made by `parseDomain` alone. */
export type DomainName = string & { readonly brand: 'DomainName' }

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/
// Nearly every name there is. The others are mapped, A-labels too, since not all of them are valid, and numbers, which could be
// an IPv4 address.
const needsNoMapping = /^(?!.*xn--)(?:[a-z0-9_-]+\.)*[a-z][a-z-]*$/i
// What reads URLs ends a name at `/`, `?` and `#`, reads `%61` as a letter and leaves line ends out.
const mayBeMapped = /^[\w.\-\u{80}-\u{10ffff}]+$/u
// Of numbers it makes an IPv4 address.
const ipv4 = /^[\d.]+$/
const maxLocalOctets = 192
/** No name of 253 octets takes more as people write it, of whatever script: what is longer is never mapped. RFC 1035 §2.3.4 */
const maxNameLength = 1_000
/** In quotes, each octet may be escaped. */
const maxLocalLength = 2 * maxLocalOctets + 2
const dotAtom = /^[^\x00-\x20\x7f"(),:;<>@[\\\]]+$/

/** Reads a domain name in either form (U- or A-labels); undefined where it cannot be one. RFC 5890, RFC 1035 §2.3.4. */
export function parseDomain(text: string): DomainName | undefined {
  if (text.length > maxNameLength) return undefined
  const name = text.replace(/\.$/, '')
  const ascii = needsNoMapping.test(name) ? name.toLowerCase() : mapped(name)
  if (ascii === '' || ascii.length > 253) return undefined
  return ascii.split('.').every((part) => label.test(part)) ? (ascii as DomainName) : undefined
}

function mapped(name: string): string {
  if (!mayBeMapped.test(name)) return ''
  const ascii = domainToASCII(name.normalize('NFC')).toLowerCase()
  return ipv4.test(ascii) ? '' : ascii
}

/** Reads `local@domain`, without display name or brackets; undefined where it is none. RFC 5321 §4.1.2, RFC 6531 §3.3. */
export function parseAddress(text: string): Address | undefined {
  const at = text.lastIndexOf('@')
  if (at < 1) return undefined
  const local = parseLocalPart(text.slice(0, at))
  const domain = parseDomain(text.slice(at + 1))
  return local !== undefined && domain !== undefined ? (`${local}@${domain}` as Address) : undefined
}

// A quoted local part that needs no quotes means the same without them; one that needs them keeps them (RFC 5321 §4.1.2).
// §4.5.3.1.1 asks for 64 octets at least; bounce addresses of mailing lists (VERP, SRS) are longer in practice.
function parseLocalPart(text: string): string | undefined {
  if (text.length > maxLocalLength) return undefined
  const local = unquote(text)?.normalize('NFC').toLowerCase()
  if (local === undefined || local === '' || Buffer.byteLength(local) > maxLocalOctets) return undefined
  if (dotAtom.test(local) && !/^\.|\.\.|\.$/.test(local)) return local
  if (!text.startsWith('"') || /[\x00-\x1f\x7f]/.test(local)) return undefined
  return `"${local.replace(/["\\]/g, '\\$&')}"`
}

function unquote(text: string): string | undefined {
  if (!text.startsWith('"')) return text
  if (!/^"(?:[^"\\]|\\.)*"$/.test(text)) return undefined
  return text.slice(1, -1).replace(/\\(.)/g, '$1')
}

/** The part before the last `@`. */
export function localPartOf(address: Address): string {
  return address.slice(0, address.lastIndexOf('@'))
}

/** The part after the last `@`. */
export function domainOf(address: Address): DomainName {
  return address.slice(address.lastIndexOf('@') + 1) as DomainName
}
