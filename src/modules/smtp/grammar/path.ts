import { type Address, parseAddress } from '../../../lib/address.ts'
import type { Scanner } from '../../../lib/scanner.ts'

/** Reverse-path or forward-path. RFC 5321 §4.1.2, RFC 6531 §3.3. */
export type Path =
  /** `<>` */
  | { readonly kind: 'null' }
  /** `<Postmaster>`, without a domain. RFC 5321 §4.1.1.3. */
  | { readonly kind: 'postmaster' }
  /** `utf8`: characters beyond ASCII were written. */
  | { readonly kind: 'address'; readonly address: Address; readonly utf8: boolean }
  /** Fits the brackets and is no address that mail can be exchanged with: no domain, a domain literal, junk. */
  | { readonly kind: 'unusable' }

const sourceRoute = /@[^ \t:<>]{1,1000}:/y
const insideBrackets = /(?:"(?:[^"\\]|\\.)*"|[^"<>\\])*/y
const withoutBrackets = /(?:"(?:[^"\\]|\\.)*"|[^ \t"<>\\])+/y
const longestPath = 512

/** Takes a path; brackets left out are tolerated, as most servers do. */
export function path(d: Scanner): Path {
  d.blanks()
  if (!d.skip('<')) return mailbox(d.take(withoutBrackets) ?? d.fail('Expected <address>'))
  // RFC 5321 Appendix C: a source route is read and ignored.
  d.take(sourceRoute)
  const inside = d.take(insideBrackets) ?? ''
  if (!d.skip('>')) d.fail('Expected >')
  return inside === '' ? { kind: 'null' } : mailbox(inside)
}

function mailbox(text: string): Path {
  if (text.toLowerCase() === 'postmaster') return { kind: 'postmaster' }
  const address = text.length <= longestPath ? parseAddress(text) : undefined
  return address ? { kind: 'address', address, utf8: /[^\x00-\x7f]/.test(text) } : { kind: 'unusable' }
}
