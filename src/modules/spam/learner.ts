import type { Lesson, LessonBook } from '../../ports/lessons.ts'
import type { Clock, Log, Service } from '../../ports/runtime.ts'
import type { SpamJudge, TaughtMessage } from '../../ports/spam-judge.ts'

export interface LearnerParts {
  readonly lessons: LessonBook
  readonly judge: Pick<SpamJudge, 'learn'>
  readonly clock: Clock
  readonly log: Log
}

/** Nobody waits for it; asking costs one step along an empty index. */
const everyMs = 2_000
/** Where it fails, each time twice as long is waited, and the log has a line each time. */
const longestPauseMs = 600_000
const atOnce = 20
/** What a filter looks at; the rest of a large message is attachments. */
const mostOctets = 1_048_576

/** Tells the judge what people say of their mail: in order, each message until the judge has learned it. */
export function learner({ lessons, judge, clock, log }: LearnerParts): Service {
  const ended = new AbortController()
  let looping: Promise<void> = Promise.resolve()
  const loop = async () => {
    let pauseMs = everyMs
    while (!ended.signal.aborted) {
      try {
        await teachAll({ lessons, judge, clock, log }, ended.signal)
        pauseMs = everyMs
      } catch (cause) {
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
        log.error('spam.learning-failed', cause, { again_in_seconds: pauseMs / 1000 })
      }
      await clock.sleep(pauseMs, ended.signal)
    }
  }
  return {
    name: 'spam-learner',
    async start() {
      looping = loop()
    },
    drain: async () => undefined,
    async stop() {
      ended.abort()
      await looping
    },
  }
}

async function teachAll({ lessons, judge, log }: LearnerParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const waiting = await lessons.waiting(atOnce)
    if (waiting.length === 0) return
    const taught = await read(lessons, waiting)
    const answer = taught.length > 0 ? await judge.learn(taught) : { kind: 'learned' as const }
    if (answer.kind === 'later') return
    // A crash before this line tells the judge once more: it has learned it once.
    const kept = await lessons.taught(waiting)
    if (kept.kind === 'later') return
    for (const { account, spam } of taught) log.info('spam.learned', { account, as: spam ? 'spam' : 'ham' })
  }
}

/** A message that is gone meanwhile teaches nothing. */
async function read(lessons: LessonBook, waiting: readonly Lesson[]): Promise<readonly TaughtMessage[]> {
  const found: TaughtMessage[] = []
  for (const lesson of waiting) {
    const message = await lessons.bytes(lesson, { from: 0, to: mostOctets })
    if (message) found.push({ ...lesson, message })
  }
  return found
}
