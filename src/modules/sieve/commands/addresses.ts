import { mailboxesOf, parseAddressList } from '../../../lib/mime/address-list.ts'
import { decodeWords } from '../../../lib/mime/encoded-word.ts'
import { hasStray } from '../match/octets.ts'

export interface NamedAddress {
  readonly name: string | undefined
  readonly address: string
}

/** `Name <local@domain>` or `local@domain`, alone: the bare address. Undefined for anything else. RFC 5228 §2.4.2.3. */
export function bareAddress(text: string): string | undefined {
  return oneMailbox(text)?.address
}

/** The same with the display name as a person reads it. */
export function oneMailbox(text: string): NamedAddress | undefined {
  const entries = parseAddressList(text)
  const [entry] = entries
  if (entries.length !== 1 || entry?.kind !== 'mailbox' || entry.route !== undefined || hasStray(text)) {
    return undefined
  }
  const { local, domain, name } = entry
  if (!isWhole(text, name) || !isAddress(local, domain)) return undefined
  if (needsQuotes(local) && !text.includes('"')) return undefined
  return {
    name: name === undefined ? undefined : decodeWords(name),
    address: `${quotedLocal(local)}@${domain}`,
  }
}

/** The reader of lists takes what it can get; here nothing may be missing or left over. */
function isWhole(text: string, name: string | undefined): boolean {
  const plain = text.replace(/"(?:[^"\\]|\\.)*"/g, '')
  const hasAngles = /^[^<>]*<[^<>]+>\s*$/.test(plain)
  if (/[<>]/.test(plain) !== hasAngles) return false
  // words in front of an address without its brackets are no name
  return name === undefined || hasAngles || plain.includes('(')
}

function isAddress(local: string, domain: string): boolean {
  const isBroken = /[\s,;<>@\0-\x1f]/.test(domain) || /[\0-\x1f\x7f]/.test(local)
  return local !== '' && domain !== '' && !isBroken
}

/** A local part as it has to be written. RFC 5321 §4.1.2. */
export function quotedLocal(local: string): string {
  return needsQuotes(local) ? `"${local.replace(/["\\]/g, '\\$&')}"` : local
}

const needsQuotes = (local: string) => /[\s,;:<>@"()[\]\\]/.test(local)

/** Addresses of a header field's value, those of groups included. */
export function addressesOf(field: string): { readonly local: string; readonly domain: string }[] {
  return mailboxesOf(parseAddressList(field))
}
