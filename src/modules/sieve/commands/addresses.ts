import { mailboxesOf, parseAddressList } from '../../../lib/mime/address-list.ts'
import { hasStray } from '../match/octets.ts'

/** `Name <local@domain>` or `local@domain`, alone: the bare address. Undefined for anything else. */
export function bareAddress(text: string): string | undefined {
  return oneMailbox(text)?.address
}

/** The same with the display name. */
export function oneMailbox(
  text: string,
): { readonly name: string | undefined; readonly address: string } | undefined {
  const entries = parseAddressList(text)
  const [entry] = entries
  if (entries.length !== 1 || entry?.kind !== 'mailbox' || /[<>]/.test(unquoted(text)) !== hasAngles(text))
    return undefined
  const { local, domain, name } = entry
  if (local === '' || domain === '' || hasStray(text) || /[\s,;<>@\0-\x1f]/.test(domain)) return undefined
  if (entry.route !== undefined || /[\0-\x1f\x7f]/.test(local)) return undefined
  const isPlain = !/[\s,;:<>@"()[\]\\]/.test(local)
  if (!isPlain && !text.includes('"')) return undefined
  return { name, address: `${isPlain ? local : `"${local.replace(/["\\]/g, '\\$&')}"`}@${domain}` }
}

const unquoted = (text: string) => text.replace(/"(?:[^"\\]|\\.)*"/g, '')
const hasAngles = (text: string) => /^[^<>]*<[^<>]+>\s*$/.test(unquoted(text))

/** Addresses of a header field's value, those of groups included. */
export function addressesOf(field: string): { readonly local: string; readonly domain: string }[] {
  return mailboxesOf(parseAddressList(field))
}
