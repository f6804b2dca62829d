import type { SqliteWriter } from '../../platform/sqlite/writer.ts'
import type { Service } from '../../ports/runtime.ts'
import type { SpamHistory } from '../../ports/spam-history.ts'
import type { SpamJudge } from '../../ports/spam-judge.ts'
import type { SpamTeaching } from '../../ports/spam-teaching.ts'
import type { WebHandler } from '../../ports/web.ts'
import { type BacktestParts, backtest } from './backtest/backtest.ts'
import { type Directory, type JudgeParts, RulesJudge } from './judge.ts'
import { Retraining, type RetrainingParts } from './learn/retraining.ts'
import { type LearnerParts, learner } from './learner.ts'
import { type ForgettingParts, forgetting } from './memory/forgetting.ts'
import type { SpamMemory } from './memory/memory.ts'
import { openMemory } from './memory/open-memory.ts'
import type { RspamdDesk } from './rspamd/controller.ts'
import { Tally } from './rspamd/tally.ts'
import { type FilterServiceParts, filterService } from './service/filter-service.ts'
import { RemoteJudge, type RemoteParts } from './service/remote-judge.ts'
import { teachingBy } from './teaching.ts'

/** Weighs nothing: every message is accepted, with a score of 0 and no header that would claim a check. */
export function createSpamJudge(): SpamJudge {
  return {
    judge: async () => ({ action: 'accept', score: 0, reasons: [], headers: '' }),
    // Lessons wait for a filter: what people have corrected meanwhile is not lost.
    learn: async () => ({ kind: 'later', reason: 'not-there-yet', text: 'Nothing learns here' }),
  }
}

/** Another process is the filter. */
export function createRemoteJudge(parts: RemoteParts): SpamJudge {
  return new RemoteJudge(parts)
}

/** The filter of this process, for others. */
export function createFilterService(parts: FilterServiceParts): WebHandler {
  return filterService(parts)
}

/** Tells the judge what people say of their mail by moving it. */
export function createSpamLearner(parts: LearnerParts): Service {
  return learner(parts)
}

interface SpamFilterParts
  extends Omit<JudgeParts, 'memory' | 'tally'>,
    Omit<ForgettingParts, 'memory' | 'store'>,
    Pick<RetrainingParts, 'store'> {
  readonly store: ForgettingParts['store'] & RetrainingParts['store'] & BacktestParts['store']

  readonly dataDir: string
  readonly writer: SqliteWriter
  readonly accounts: BacktestParts['accounts']
}

/** The filter, with what it has learned in `spam.db`. Usable once its service has started. */
export function createSpamFilter({ dataDir, writer, ...parts }: SpamFilterParts): {
  judge: SpamJudge
  /** For those who have another directory. */
  judgeWith: (directory: Directory) => SpamJudge
  /** For programs that know rspamd. */
  desk: RspamdDesk
  history: SpamHistory
  teaching: SpamTeaching
  service: Service
} {
  let opened: SpamMemory | undefined
  const memory = () => {
    if (!opened) throw new Error('the spam filter has not started')
    return opened
  }
  const sweeps = forgetting({ ...parts, memory })
  const tally = new Tally()
  const judge = new RulesJudge({ ...parts, memory, tally })
  const retraining = new Retraining({
    ...parts,
    waiting: () => memory().retraining,
    teach: (message, spam, account) => judge.teach(message, spam, account),
  })
  return {
    judge,
    judgeWith: (directory) => ({
      judge: (arrival, report) => judge.judge(arrival, report, directory),
      learn: (messages) => judge.learn(messages),
    }),
    desk: {
      tally,
      teach: (octets, spam, account) => judge.teach(octets, spam, account),
      mark: (octets, flag, keeps) => judge.mark(octets, flag, keeps),
      judged: (question) => memory().history.judged(question),
      learned: () => memory().learned(),
    },
    teaching: teachingBy({ judge, memory, retraining }),
    history: {
      judged: (question) => memory().history.judged(question),
      backtest: async (question) =>
        backtest(parts, await memory().history.judged({ atMost: question.last }), question),
    },
    service: {
      name: 'spam',
      async start() {
        opened = await openMemory({ dataDir, writer, ...parts })
        sweeps.start()
        retraining.start()
      },
      drain: async () => undefined,
      async stop() {
        await sweeps.stop()
        await retraining.stop()
        await opened?.close()
      },
    },
  }
}
