import type { AccountId } from '../../../ports/accounts.ts'
import type { FlagScope } from '../../../ports/flag-scope.ts'
import type { Grant } from '../../../ports/mail-shares.ts'

/**
 * RFC 4314 §2.1: look it up, read, keep \Seen, write other flags, insert, post, create below, delete it, mark \Deleted, expunge,
 * administer.
 */
export type Right = 'l' | 'r' | 's' | 'w' | 'i' | 'p' | 'k' | 'x' | 't' | 'e' | 'a'

export type Rights = ReadonlySet<Right>

const letters: readonly Right[] = ['l', 'r', 's', 'w', 'i', 'p', 'k', 'x', 't', 'e', 'a']

/** Create and delete of old. RFC 4314 §2.1.1: they stand for these, and are shown with any of them. */
const old: Readonly<Record<'c' | 'd', readonly Right[]>> = { c: ['k', 'x'], d: ['t', 'e'] }

/** An owner has every right, always: no mistake locks anybody out of their own mail. */
export const everyRight: Rights = new Set(letters)

/** What somebody may do by these grants, which are for them or for anyone. */
export function rightsOf(grants: readonly Grant[]): Rights {
  const given = grants.filter(({ negative }) => !negative)
  const taken = grants.filter(({ negative }) => negative)
  const has = (list: readonly Grant[], right: Right) => list.some(({ rights }) => rights.includes(right))
  return new Set(letters.filter((right) => has(given, right) && !has(taken, right)))
}

/** Those grants that concern an account. */
export function grantsFor(account: AccountId, grants: readonly Grant[]): readonly Grant[] {
  return grants.filter(({ grantee }) => grantee === account || grantee === 'anyone')
}

/** As MYRIGHTS and ACL show them: `lrtcd` is no word, but the order of the RFC. */
export function rightsText(rights: Rights): string {
  const virtual = (['c', 'd'] as const).filter((name) => old[name].some((right) => rights.has(right)))
  return [...letters.filter((right) => rights.has(right)), ...virtual].join('')
}

/** Letters as a client sends them, old ones too, in order; undefined where one is no right. */
export function readRights(text: string): Rights | undefined {
  const asked = new Set<Right>()
  for (const letter of text.split('')) {
    const right = letters.find((each) => each === letter)
    if (right) asked.add(right)
    else if (letter === 'c' || letter === 'd') for (const each of old[letter]) asked.add(each)
    else return undefined
  }
  return new Set(letters.filter((right) => asked.has(right)))
}

/** RFC 4314 §4: the flags that these rights let one set and clear. */
export function flagScope(rights: Rights): FlagScope {
  return { seen: rights.has('s'), deleted: rights.has('t'), others: rights.has('w') }
}

/** RFC 4314 §5.2: with none of these the mailbox is open for reading only. */
export function isReadOnly(rights: Rights): boolean {
  return !(['i', 'e', 's', 'w', 't'] as const).some((right) => rights.has(right))
}
