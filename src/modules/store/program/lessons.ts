import type { StoreOperations } from '../operations.ts'
import type { NamedFlags } from './keywords.ts'
import type { RuleSql } from './rule-sql.ts'
import type { MailboxRow } from './sql.ts'

type Says = 'spam' | 'wanted'

/** What people tell the spam filter by where they put their mail, in the transaction that puts it there. */
export function lessonOperations(rules: RuleSql): Pick<StoreOperations, 'lessonsTaught'> {
  return {
    lessonsTaught({ lessons }) {
      for (const { email, spam } of lessons) rules.taught.run(spam ? 1 : 0, email)
      return { answer: undefined, changes: [] }
    },
  }
}

interface Learning {
  readonly account: number
  readonly emails: readonly number[]
  readonly now: number
}

/** Into Junk is spam; out of it is not, where it does not go to the bin. */
export function learnFromTransfer(
  rules: RuleSql,
  from: MailboxRow,
  to: MailboxRow,
  learning: Learning,
): void {
  const isJunk = to.special_use === '\\Junk'
  if ((from.special_use === '\\Junk') === isJunk || to.special_use === '\\Trash') return
  learn(rules, isJunk ? 'spam' : 'wanted', learning)
}

/** A program that filed it itself. */
export function learnFromAppend(rules: RuleSql, to: MailboxRow, flags: NamedFlags, learning: Learning): void {
  const says = to.special_use === '\\Junk' ? 'spam' : flagsSay(flags)
  if (says !== undefined) learn(rules, says, learning)
}

/** Keywords that are registered for it; whatever a program notes for itself under other names says nothing. */
export function flagsSay({ keywords }: NamedFlags): Says | undefined {
  const lower = keywords.map((keyword) => keyword.toLowerCase())
  if (lower.includes('$junk')) return lower.includes('$notjunk') ? undefined : 'spam'
  return lower.includes('$notjunk') ? 'wanted' : undefined
}

export function learn(rules: RuleSql, says: Says, { account, emails, now }: Learning): void {
  for (const email of emails) rules.learn.run(email, account, says === 'spam' ? 1 : 0, now)
}
