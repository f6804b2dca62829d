import { percentOfScore } from '../../../lib/spam-percent.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Judgement, PersonalJudgement } from '../../../ports/spam-judge.ts'

/** How much like spam it is for him whose threshold decides. */
export function spamPercent(judgement: Judgement, account: AccountId): number {
  if (judgement.action === 'junk') return 100
  return percentOfScore(judgedFor(judgement, account).score)
}

/** What holds for the account's copy. */
export function judgedFor(judgement: Judgement, account: AccountId): Judgement | PersonalJudgement {
  return judgement.personal?.find((one) => one.account === account) ?? judgement
}
