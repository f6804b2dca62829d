import { flagBits, keywordSetOf, packFlags, systemFlag } from '../../../lib/flags.ts'
import type { FlagScope } from '../../../ports/flag-scope.ts'
import type { FlagChange, PackedFlags } from '../../../ports/mail-store.ts'
import type { Sql } from './sql.ts'

/** Keywords one message may carry. */
const mostKeywords = 100
const longestKeyword = 255
const systemMask = 31

export interface NamedFlags {
  readonly bits: number
  /** Without regard to case each once. */
  readonly keywords: readonly string[]
}

/** Undefined where there are more keywords than a message may carry, or one is too long. */
export function namedFlags(flags: readonly string[]): NamedFlags | undefined {
  let bits = 0
  const keywords: string[] = []
  for (const flag of flags) {
    const system = systemFlag(flag)
    if (system) bits |= flagBits[system]
    // Other names with a backslash are not ours to keep, \Recent among them. RFC 9051 §2.3.2
    else if (!flag.startsWith('\\')) keywords.push(flag)
  }
  const unique = sortedKeywords(keywords)
  if (unique.length > mostKeywords || unique.some((keyword) => keyword.length > longestKeyword))
    return undefined
  return { bits, keywords: unique }
}

export function packNamed(sql: Sql, { bits, keywords }: NamedFlags): PackedFlags {
  return packFlags(bits, keywordSetId(sql, keywords))
}

/**
 * How a change acts on packed flags; keyword sets are looked up once per distinct set. Nothing is remembered across
 * transactions: a set whose transaction was undone has no number.
 */
export function flagChanger(
  sql: Sql,
  mode: FlagChange['mode'],
  { bits, keywords }: NamedFlags,
): (before: PackedFlags) => PackedFlags | undefined {
  const sets = new Map<number, number | undefined>()
  const changedSet = (set: number) => {
    if (!sets.has(set)) sets.set(set, changeSet(sql, mode, set, keywords))
    return sets.get(set)
  }
  return (before) => {
    const set = changedSet(keywordSetOf(before))
    return set === undefined ? undefined : packFlags(changeBits(mode, before & systemMask, bits), set)
  }
}

/** What becomes of flags where not all of them may be changed. RFC 4314 §4. */
export function inScope(scope: FlagScope | undefined, before: PackedFlags, after: PackedFlags): PackedFlags {
  if (!scope) return after
  const mask =
    (scope.seen ? flagBits['\\Seen'] : 0) |
    (scope.deleted ? flagBits['\\Deleted'] : 0) |
    (scope.others ? systemMask & ~(flagBits['\\Seen'] | flagBits['\\Deleted']) : 0)
  const bits = (before & systemMask & ~mask) | (after & mask)
  return packFlags(bits, keywordSetOf(scope.others ? after : before))
}

function changeBits(mode: FlagChange['mode'], before: number, bits: number): number {
  switch (mode) {
    case 'add':
      return before | bits
    case 'remove':
      return before & ~bits
    case 'replace':
      return bits
  }
}

function changeSet(
  sql: Sql,
  mode: FlagChange['mode'],
  set: number,
  keywords: readonly string[],
): number | undefined {
  if (mode !== 'replace' && keywords.length === 0) return set
  const before = keywordsOf(sql, set)
  const lower = new Set(keywords.map((keyword) => keyword.toLowerCase()))
  const others = before.filter((keyword) => !lower.has(keyword.toLowerCase()))
  const known = before.filter((keyword) => lower.has(keyword.toLowerCase()))
  const after = {
    // The spelling that stands wins.
    add: () => sortedKeywords([...others, ...known, ...keywords]),
    remove: () => others,
    replace: () => keywords,
  }[mode]()
  return after.length > mostKeywords ? undefined : keywordSetId(sql, after)
}

function keywordsOf(sql: Sql, set: number): readonly string[] {
  if (set === 0) return []
  const names = sql.keywordsOf.get(set)
  if (names === undefined) throw new Error(`no keyword set ${set}`)
  return JSON.parse(names)
}

function keywordSetId(sql: Sql, sorted: readonly string[]): number {
  if (sorted.length === 0) return 0
  const names = JSON.stringify(sorted)
  return sql.keywordSet.get(names) ?? Number(sql.insertKeywordSet.run(names).lastInsertRowid)
}

/** RFC 9051 §2.3.2: keywords do not differ by case; the first spelling stays. */
function sortedKeywords(keywords: readonly string[]): string[] {
  const byLower = new Map<string, string>()
  for (const keyword of keywords) {
    const lower = keyword.toLowerCase()
    if (!byLower.has(lower)) byLower.set(lower, keyword)
  }
  return [...byLower].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, keyword]) => keyword)
}
