import type { Algorithm } from '../search/thread.ts'
import type { Decoder } from './decoder.ts'
import { isFuzzy } from './fuzzy.ts'
import { type PartialRange, partialRange } from './partial-range.ts'
import type { SearchKey } from './search-key.ts'
import { searchKeys } from './search-keys.ts'
import { type SortKey, sortKeys } from './sort-keys.ts'

/** What a client wants to hear of what was found. RFC 9051 §6.4.4, RFC 5267 §3.1 and §4, RFC 9394 §3.1. */
type ReturnOption = 'min' | 'max' | 'all' | 'count' | 'save' | 'context' | 'update' | 'relevancy' | 'partial'

export interface ReturnOptions {
  readonly wanted: ReadonlySet<ReturnOption>
  readonly partial: PartialRange | undefined
}

export const everything: ReturnOptions = { wanted: new Set(['all']), partial: undefined }

export interface SearchArguments {
  /** Undefined: the old untagged SEARCH or SORT. */
  readonly options: ReturnOptions | undefined
  readonly charset: string | undefined
  readonly key: SearchKey
}

export interface SortArguments extends SearchArguments {
  readonly sort: readonly SortKey[]
}

export interface ThreadArguments extends Pick<SearchArguments, 'charset' | 'key'> {
  readonly algorithm: Algorithm
}

const algorithms: Readonly<Record<string, Algorithm>> = {
  ORDEREDSUBJECT: 'ordered-subject',
  REFERENCES: 'references',
  REFS: 'refs',
}

const returnWords: Readonly<Record<string, ReturnOption>> = {
  MIN: 'min',
  MAX: 'max',
  ALL: 'all',
  COUNT: 'count',
  SAVE: 'save',
  CONTEXT: 'context',
  UPDATE: 'update',
  RELEVANCY: 'relevancy',
  PARTIAL: 'partial',
}

/** Makes text of a search string's octets, by the charset the command named. */
export type TextReader = (charset: string | undefined) => (octets: string) => string

/** Behind `SEARCH` or `UID SEARCH`. */
export function searchArguments(d: Decoder, readText: TextReader): SearchArguments {
  const options = d.sp().tryWord('RETURN') ? returnOptions(d) : undefined
  if (options) d.sp()
  const charset = d.tryWord('CHARSET') ? d.sp().astring() : undefined
  if (charset !== undefined) d.sp()
  const key = searchKeys(d, readText(charset))
  mayAskRelevancy(d, key, options?.wanted.has('relevancy') ?? false)
  return { options, charset, key }
}

/** Behind `SORT` or `UID SORT`. RFC 5256 §5, RFC 5267 §6. */
export function sortArguments(d: Decoder, readText: TextReader): SortArguments {
  const options = d.sp().tryWord('RETURN') ? returnOptions(d) : undefined
  if (options) d.sp()
  const sort = sortKeys(d)
  const charset = d.sp().astring()
  const key = searchKeys(d.sp(), readText(charset))
  const asks = options?.wanted.has('relevancy') || sort.some(({ by }) => by === 'relevancy')
  mayAskRelevancy(d, key, asks)
  return { options, sort, charset, key }
}

/** RFC 6203 §4 and §6: only of a fuzzy search. */
function mayAskRelevancy(d: Decoder, key: SearchKey, asks: boolean): void {
  if (asks && !isFuzzy(key)) d.fail('FUZZY')
}

/** Behind `THREAD` or `UID THREAD`. RFC 5256 §5. */
export function threadArguments(d: Decoder, readText: TextReader): ThreadArguments {
  const at = d.sp().offset
  const algorithm = algorithms[d.keyword('thread-alg')] ?? d.fail('thread-alg', at)
  const charset = d.sp().astring()
  return { algorithm, charset, key: searchKeys(d.sp(), readText(charset)) }
}

function returnOptions(d: Decoder): ReturnOptions {
  const wanted = new Set<ReturnOption>()
  let partial: PartialRange | undefined
  d.sp().list(() => {
    const at = d.offset
    const option = returnWords[d.keyword()] ?? d.fail('search return option', at)
    if (option === 'partial') {
      // RFC 9394 §3.1: one of them, and not together with ALL.
      if (partial) d.fail('one PARTIAL', at)
      partial = partialRange(d.sp())
    }
    wanted.add(option)
  })
  if (partial && wanted.has('all')) d.fail('PARTIAL or ALL')
  // RFC 9051 §6.4.4: no option at all is ALL. A hint asks for nothing.
  if (wanted.size === 0 || (wanted.size === 1 && wanted.has('context'))) wanted.add('all')
  return { wanted, partial }
}
