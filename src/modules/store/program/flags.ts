import type { Uid } from '../../../ports/mail-store.ts'
import type { ChangeFlagsArgs, StoreOperations } from '../operations.ts'
import { Change } from './change.ts'
import { flagChanger, inScope, namedFlags } from './keywords.ts'
import { flagsSay, learn } from './lessons.ts'
import { ownMailbox } from './owners.ts'
import { namedPlacements } from './placements.ts'
import type { RuleSql } from './rule-sql.ts'
import type { Sql } from './sql.ts'

export function flagOperations(sql: Sql, rules: RuleSql): Pick<StoreOperations, 'changeFlags'> {
  return { changeFlags: (args) => changeFlags(sql, rules, args) }
}

function changeFlags(
  sql: Sql,
  rules: RuleSql,
  args: ChangeFlagsArgs,
): ReturnType<StoreOperations['changeFlags']> {
  const { account, mailbox, change, now } = args
  const row = ownMailbox(sql, account, mailbox)
  if (!row) return { answer: { kind: 'missing' }, changes: [] }
  const named = namedFlags(change.flags)
  if (!named) return { answer: { kind: 'too-many-keywords' }, changes: [] }
  const changed = flagChanger(sql, change.mode, named)
  const limit = change.unchangedSince ?? Number.POSITIVE_INFINITY
  const transaction = new Change(sql, 0)
  const uids: Uid[] = []
  const flags: number[] = []
  const modSeqs: number[] = []
  const modified: Uid[] = []
  const emails: number[] = []
  const placements = [...namedPlacements(sql, mailbox, args.uids)]
  // Asked before anything is written, so that a refusal leaves nothing behind.
  if (placements.some((placement) => changed(placement.flags) === undefined)) {
    return { answer: { kind: 'too-many-keywords' }, changes: [] }
  }
  for (const placement of placements) {
    if (placement.modseq > limit) {
      modified.push(placement.uid)
      continue
    }
    const after = inScope(change.scope, placement.flags, changed(placement.flags) ?? placement.flags)
    uids.push(placement.uid)
    flags.push(after)
    if (after === placement.flags) {
      modSeqs.push(placement.modseq)
    } else {
      const box = transaction.mailbox(row)
      box.setFlags(placement, after)
      emails.push(placement.email)
      modSeqs.push(box.modSeq)
    }
  }
  const says = change.mode === 'remove' || change.scope?.others === false ? undefined : flagsSay(named)
  if (says !== undefined) learn(rules, says, { account, emails, now })
  const changes = transaction.finish()
  const modSeq = changes[0]?.modSeq ?? sql.account.get(account)?.modseq ?? 0
  return { answer: { kind: 'changed', uids, flags, modSeqs, modified, modSeq }, changes }
}
