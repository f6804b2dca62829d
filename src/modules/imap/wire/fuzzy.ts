import { leavesOf, type SearchKey } from './search-key.ts'

/** A key that looks for a text. */
export type TextKey = Extract<SearchKey, { kind: 'header' | 'body' | 'text' }>

/** Words that are looked for; more make no search better. */
const mostWords = 12
/** Words shorter than this have no ending that could be another. */
const shortest = 5

/**
 * What FUZZY makes of a key: instead of a text its words, in any order, long ones with any ending. Keys that look for no text are as
 * strict as ever. RFC 6203 §3.
 */
export function fuzzily(key: SearchKey): SearchKey {
  return { kind: 'and', keys: [loosened(key)], fuzzy: true }
}

function loosened(key: SearchKey): SearchKey {
  if (key.kind === 'and') return { kind: 'and', keys: key.keys.map(loosened) }
  if (key.kind === 'or') return { kind: 'or', left: loosened(key.left), right: loosened(key.right) }
  if (key.kind === 'not') return { kind: 'not', key: loosened(key.key) }
  if (key.kind !== 'header' && key.kind !== 'body' && key.kind !== 'text') return key
  const words = wordsOf(key.text)
  if (words.length === 0) return { ...key, strict: key }
  return { kind: 'and', keys: words.map((word) => ({ ...key, text: stemOf(word), strict: key })) }
}

export function wordsOf(text: string): string[] {
  return text
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, mostWords)
}

function stemOf(word: string): string {
  return word.length < shortest ? word : word.slice(0, Math.max(4, Math.ceil(word.length * 0.75)))
}

/** RFC 6203 §4: scores are for fuzzy searches alone. */
export function isFuzzy(key: SearchKey): boolean {
  if (key.kind === 'and') return key.fuzzy === true || key.keys.some(isFuzzy)
  if (key.kind === 'or') return isFuzzy(key.left) || isFuzzy(key.right)
  return key.kind === 'not' && isFuzzy(key.key)
}

/** The texts that were asked for fuzzily, as they were asked for. */
export function strictTexts(key: SearchKey): TextKey[] {
  return [...new Set(leavesOf(key).flatMap((leaf) => ('strict' in leaf && leaf.strict ? [leaf.strict] : [])))]
}
