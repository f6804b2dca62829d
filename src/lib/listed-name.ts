import { parseAddress, parseDomain } from './address.ts'

/** Of a list of senders: an address, or a domain that stands for all below it too. Lower case. */
export type ListedName = string & { readonly brand: 'ListedName' }

/** `ann@far.example`, `far.example`; `@far.example` and `*@far.example` are the same domain. */
export function parseListedName(text: string): ListedName | undefined {
  const name = text.trim()
  return (parseAddress(name.replace(/^\*@/, '@')) ?? parseDomain(name.replace(/^\*?@/, ''))) as
    | ListedName
    | undefined
}

/** Names under which a sender may be listed, the most particular first. */
export function listedNamesOf(sender: string): ListedName[] {
  const address = parseAddress(sender)
  if (!address) return []
  const labels = address.slice(address.lastIndexOf('@') + 1).split('.')
  return [address, ...labels.map((_, at) => labels.slice(at).join('.'))] as readonly string[] as ListedName[]
}
