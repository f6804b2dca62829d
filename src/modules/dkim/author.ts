import { type DomainName, parseDomain } from '../../lib/address.ts'
import { mailboxesOf, parseAddressList } from '../../lib/mime/address-list.ts'
import { fieldText, type Header } from '../../lib/mime/header.ts'

/**
 * The domains of From, each once, as A-labels. Undefined where there is no From, or several, or an address in it that is none:
 * then nobody can say who wrote it. RFC 9989 §5.3.1.
 */
export function authorDomains(header: Header): readonly DomainName[] | undefined {
  const [from, ...others] = header.fields.filter(({ name }) => name === 'from')
  if (!from || others.length > 0) return undefined
  const mailboxes = mailboxesOf(parseAddressList(fieldText(header, from)))
  const domains = mailboxes.map(({ domain }) => parseDomain(domain))
  if (domains.length === 0) return undefined
  const known = domains.filter((domain) => domain !== undefined)
  return known.length === domains.length ? [...new Set(known)] : undefined
}
