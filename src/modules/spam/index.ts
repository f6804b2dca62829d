import type { Service } from '../../ports/runtime.ts'
import type { SpamJudge } from '../../ports/spam-judge.ts'
import { type LearnerParts, learner } from './learner.ts'

/** Weighs nothing yet: every message is accepted, with a score of 0 and no header that would claim a check. */
export function createSpamJudge(): SpamJudge {
  return {
    judge: async () => ({ action: 'accept', score: 0, reasons: [], headers: '' }),
    // Lessons wait for it: what people have corrected meanwhile is not lost.
    learn: async () => ({ kind: 'later', reason: 'not-there-yet', text: 'Nothing learns yet' }),
  }
}

/** Tells the judge what people say of their mail by moving it. */
export function createSpamLearner(parts: LearnerParts): Service {
  return learner(parts)
}
