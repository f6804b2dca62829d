import type { SpamTeaching } from '../../ports/spam-teaching.ts'
import type { RulesJudge } from './judge.ts'
import type { Retraining } from './learn/retraining.ts'
import type { SpamMemory } from './memory/memory.ts'
import { readCounts } from './memory/transfer.ts'

interface TeachingParts {
  readonly judge: Pick<RulesJudge, 'teach' | 'classify'>
  readonly memory: () => SpamMemory
  readonly retraining: Pick<Retraining, 'add'>
}

export function teachingBy({ judge, memory, retraining }: TeachingParts): SpamTeaching {
  return {
    teach: async ({ message, spam, account }) => ({ kind: await judge.teach(message, spam, account) }),
    async classify({ message, account }) {
      const judgement = await judge.classify(message, account)
      if (!judgement) return { kind: 'unreadable' }
      return { kind: 'classified', score: judgement.score, reasons: judgement.reasons }
    },
    retrain: (accounts) => retraining.add(accounts),
    unlearn: () => memory().unteachItself(),
    export: (account) => memory().counts(account),
    async import({ account, text }) {
      const counts = await readCounts(text)
      if (typeof counts === 'number') return { kind: 'unreadable', line: counts }
      await memory().putCounts(account, counts)
      return { kind: 'imported', tokens: counts.rows.length }
    },
    status: async () => ({ ...(await memory().learned()), waiting: memory().retraining.count() }),
  }
}
