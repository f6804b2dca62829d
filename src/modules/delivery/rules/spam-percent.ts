import type { AccountId } from '../../../ports/accounts.ts'
import type { Judgement, PersonalJudgement } from '../../../ports/spam-judge.ts'

/** The score at which Mailu's percents end. */
const fullScore = 15

/** A score as people set their threshold: whole points of fifteen. Mailu: the stars of X-Spam-Level. */
export function spamPercent(judgement: Judgement, account: AccountId): number {
  if (judgement.action === 'junk') return 100
  const { score } = judgedFor(judgement, account)
  return Math.round((100 * Math.min(fullScore, Math.max(0, Math.floor(score)))) / fullScore)
}

/** What holds for the account's copy. */
export function judgedFor(judgement: Judgement, account: AccountId): Judgement | PersonalJudgement {
  return judgement.personal?.find((one) => one.account === account) ?? judgement
}
