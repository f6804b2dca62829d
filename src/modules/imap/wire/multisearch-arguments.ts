import type { Decoder } from './decoder.ts'
import { type MailboxFilter, mailboxFilter, mostFilterNames, namesIn } from './mailbox-filter.ts'
import { everything, type SearchArguments, searchArguments, type TextReader } from './search-arguments.ts'

/** Which mailboxes to search. RFC 7377 §2.2. */
export type Source = { readonly kind: 'selected' } | MailboxFilter

export interface MultiSearchArguments extends SearchArguments {
  readonly sources: readonly Source[]
  readonly options: NonNullable<SearchArguments['options']>
}

/** Behind `ESEARCH`. */
export function multiSearchArguments(d: Decoder, readText: TextReader): MultiSearchArguments {
  const sources = d.tryChars(' IN ') ? d.listOfSome(() => source(d)) : [{ kind: 'selected' as const }]
  if (namesIn(sources) > mostFilterNames) d.fail(`at most ${mostFilterNames} mailboxes`)
  const { options, charset, key } = searchArguments(d, readText)
  // RFC 7377 §2.1: no option is ALL.
  return { sources, options: options ?? everything, charset, key }
}

function source(d: Decoder): Source {
  const at = d.offset
  const kind = d.keyword('filter-mailboxes').toLowerCase()
  if (kind === 'selected') return { kind }
  return mailboxFilter(d, kind) ?? d.fail('filter-mailboxes', at)
}
