import { nextTurn } from '../../../platform/next-turn.ts'
import type { Opened } from '../access/opened.ts'
import { parentsOf } from '../wire/mailbox-name.ts'

/** Pattern characters times name characters between two looks at the other clients. */
const workPerTurn = 1_000_000

/** A name that LIST may show: a mailbox, a subscription that outlived its mailbox, or a level that only holds others. */
export interface Entry {
  readonly name: string
  readonly at: Opened | undefined
  readonly subscribed: boolean
  readonly hasChildren: boolean
}

export function entriesOf(visible: readonly Opened[], subscriptions: readonly string[]): Entry[] {
  const byName = new Map(visible.map((at) => [at.name, at]))
  const subscribed = new Set(subscriptions)
  const parents = new Set(visible.flatMap(({ name }) => parentsOf(name)))
  const levels = subscriptions.flatMap(parentsOf)
  const names = new Set([...byName.keys(), ...parents, ...subscribed, ...levels])
  return [...names].sort(inboxFirst).map((name) => ({
    name,
    at: byName.get(name),
    subscribed: subscribed.has(name),
    hasChildren: parents.has(name),
  }))
}

function inboxFirst(a: string, b: string): number {
  if (a === 'INBOX' || b === 'INBOX') return a === 'INBOX' ? -1 : 1
  return a < b ? -1 : 1
}

/** The entries that one of the patterns names, in their order. */
export async function namedBy(patterns: readonly string[], entries: readonly Entry[]): Promise<Entry[]> {
  const matches = matcher(patterns)
  const weight = patterns.join('').length + patterns.length
  const named: Entry[] = []
  let work = 0
  for (const entry of entries) {
    work += weight * entry.name.length
    if (work > workPerTurn) {
      work = 0
      await nextTurn()
    }
    if (matches(entry.name)) named.push(entry)
  }
  return named
}

/** The names of all levels above these. */
export function levelsAbove(entries: readonly Entry[]): ReadonlySet<string> {
  return new Set(entries.flatMap(({ name }) => parentsOf(name)))
}

/** `*` is anything, `%` anything within one level. RFC 9051 §6.3.9. The work grows with pattern times name, never faster. */
export function matcher(patterns: readonly string[]): (name: string) => boolean {
  const prepared = patterns.map((pattern) => {
    const simplified = pattern.replace(/[*%]*\*[*%]*/g, '*').replace(/%+/g, '%')
    return { simplified, shortest: simplified.replace(/[*%]/g, '').length }
  })
  return (name) =>
    prepared.some(({ simplified, shortest }) => shortest <= name.length && matches(simplified, name))
}

/** `reached[i]`: the pattern so far can stand for the first `i` characters. */
function matches(pattern: string, name: string): boolean {
  let reached = Array.from({ length: name.length + 1 }, (_, at) => at === 0)
  for (const char of pattern.split('')) {
    reached = char === '*' || char === '%' ? spread(reached, name, char) : advanced(reached, name, char)
    if (!reached.includes(true)) return false
  }
  return reached[name.length] === true
}

function spread(reached: readonly boolean[], name: string, wildcard: string): boolean[] {
  let open = false
  return reached.map((here, at) => {
    if (wildcard === '%' && name[at - 1] === '/') open = false
    open ||= here
    return open
  })
}

function advanced(reached: readonly boolean[], name: string, char: string): boolean[] {
  return reached.map((_, at) => at > 0 && reached[at - 1] === true && name[at - 1] === char)
}
