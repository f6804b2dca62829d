import type { Decoder } from './decoder.ts'
import { everything, type SearchArguments, searchArguments, type TextReader } from './search-arguments.ts'

/** Which mailboxes to search. RFC 7377 §2.2, RFC 5465 §6. */
export type Source =
  | { readonly kind: 'selected' | 'inboxes' | 'personal' | 'subscribed' }
  | { readonly kind: 'mailboxes' | 'subtree' | 'subtree-one'; readonly names: readonly string[] }

export interface MultiSearchArguments extends SearchArguments {
  readonly sources: readonly Source[]
  readonly options: NonNullable<SearchArguments['options']>
}

/** More than these name the same mailboxes again. */
const mostNames = 1000

/** Behind `ESEARCH`. */
export function multiSearchArguments(d: Decoder, readText: TextReader): MultiSearchArguments {
  const sources = d.tryChars(' IN ') ? d.listOfSome(() => source(d)) : [{ kind: 'selected' as const }]
  const names = sources.reduce((sum, each) => sum + ('names' in each ? each.names.length : 1), 0)
  if (names > mostNames) d.fail(`at most ${mostNames} mailboxes`)
  const { options, charset, key } = searchArguments(d, readText)
  // RFC 7377 §2.1: no option is ALL.
  return { sources, options: options ?? everything, charset, key }
}

function source(d: Decoder): Source {
  const at = d.offset
  const kind = d.keyword('filter-mailboxes').toLowerCase()
  if (kind === 'selected' || kind === 'inboxes' || kind === 'personal' || kind === 'subscribed')
    return { kind }
  if (kind !== 'mailboxes' && kind !== 'subtree' && kind !== 'subtree-one')
    return d.fail('filter-mailboxes', at)
  const several = d.sp().peek() === '('
  return { kind, names: several ? d.listOfSome(() => d.mailbox()) : [d.mailbox()] }
}
