import type { Mailbox } from '../../../ports/mail-store.ts'
import { parentsOf } from '../wire/mailbox-name.ts'

/** A name that LIST may show: a mailbox, a level that only holds others, or a subscription that outlived its mailbox. */
export interface Entry {
  readonly name: string
  readonly mailbox: Mailbox | undefined
  readonly subscribed: boolean
  readonly hasChildren: boolean
}

export function entriesOf(mailboxes: readonly Mailbox[], subscriptions: readonly string[]): Entry[] {
  const byName = new Map(mailboxes.map((mailbox) => [mailbox.name, mailbox]))
  const subscribed = new Set(subscriptions)
  const parents = new Set(mailboxes.flatMap(({ name }) => parentsOf(name)))
  const names = new Set([...byName.keys(), ...parents, ...subscribed])
  return [...names].sort(inboxFirst).map((name) => ({
    name,
    mailbox: byName.get(name),
    subscribed: subscribed.has(name),
    hasChildren: parents.has(name),
  }))
}

function inboxFirst(a: string, b: string): number {
  if (a === 'INBOX' || b === 'INBOX') return a === 'INBOX' ? -1 : 1
  return a < b ? -1 : 1
}

/** `*` is anything, `%` anything within one level. RFC 9051 §6.3.9. Linear in the name for each wildcard, never exponential. */
export function matcher(patterns: readonly string[]): (name: string) => boolean {
  const simplified = patterns.map((pattern) => pattern.replace(/[*%]*\*[*%]*/g, '*').replace(/%+/g, '%'))
  return (name) => simplified.some((pattern) => matches(pattern, name))
}

function matches(pattern: string, name: string): boolean {
  // Which positions of the name can be reached behind each piece of the pattern.
  let reached = new Set([0])
  for (const char of pattern) {
    reached = new Set([...reached].flatMap((at) => reachable(char, name, at)))
    if (reached.size === 0) return false
  }
  return reached.has(name.length)
}

function reachable(char: string, name: string, at: number): number[] {
  if (char !== '*' && char !== '%') return name.startsWith(char, at) ? [at + char.length] : []
  const wall = char === '*' ? -1 : name.indexOf('/', at)
  const end = wall < 0 ? name.length : wall
  return Array.from({ length: end - at + 1 }, (_, step) => at + step)
}
