import type { SequenceSet } from './sequence-set.ts'

/** What SEARCH asks of a message. RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 5032 (WITHIN), RFC 7162 §3.1.5, RFC 8474 §5.1. */
export type SearchKey =
  | { readonly kind: 'all' }
  /** `fuzzy`: of a FUZZY key. */
  | { readonly kind: 'and'; readonly keys: readonly SearchKey[]; readonly fuzzy?: true }
  | { readonly kind: 'or'; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly kind: 'not'; readonly key: SearchKey }
  | { readonly kind: 'numbers'; readonly set: SequenceSet }
  | { readonly kind: 'uids'; readonly set: SequenceSet }
  | { readonly kind: 'flag'; readonly flag: string; readonly set: boolean }
  | { readonly kind: 'modseq'; readonly atLeast: number }
  | { readonly kind: 'larger' | 'smaller'; readonly octets: number }
  /** Start of a day, UTC milliseconds; `on` is the whole day. */
  | {
      readonly kind: 'received' | 'saved' | 'sent'
      readonly when: 'before' | 'on' | 'since'
      readonly day: number
    }
  | { readonly kind: 'age'; readonly when: 'older' | 'younger'; readonly seconds: number }
  | { readonly kind: 'id'; readonly of: 'email' | 'thread'; readonly id: string }
  | HeaderKey
  | BodyKey

/** `strict`: what was asked for, where this is a part of a FUZZY key. */
interface HeaderKey {
  readonly kind: 'header'
  readonly field: string
  readonly text: string
  readonly strict?: HeaderKey | BodyKey
}

interface BodyKey {
  readonly kind: 'body' | 'text'
  readonly text: string
  readonly strict?: HeaderKey | BodyKey
}

type Leaf = Exclude<SearchKey, { kind: 'and' | 'or' | 'not' }>

/** The keys that say something of a message themselves. */
export function leavesOf(key: SearchKey): Leaf[] {
  if (key.kind === 'and') return key.keys.flatMap(leavesOf)
  if (key.kind === 'or') return [...leavesOf(key.left), ...leavesOf(key.right)]
  return key.kind === 'not' ? leavesOf(key.key) : [key]
}
