import type { FetchList } from '../../ports/fetch-list.ts'
import type { Clock, Log, Service } from '../../ports/runtime.ts'
import type { Collector } from './collector.ts'
import { weightOf } from './trouble.ts'

interface Rounds {
  readonly collector: Pick<Collector, 'visit' | 'end'>
  readonly list: FetchList
  readonly clock: Clock
  readonly log: Log
  /** Between two visits of one mailbox. */
  readonly everyMs: number
}

/** Whose visits go wrong is visited less and less often, up to this. */
const longestPauseMs = 6 * 3_600_000
/** After a wrong password at once: servers lock those who try on. */
const refusedPauseMs = 30 * 60_000
/** The server that has just started has other things to do. */
const firstAfterMs = 10_000

/** When to come again. */
interface Turn {
  readonly at: number
  readonly failures: number
  /** What the visit was made with: other settings, other luck. */
  readonly settings: string
}

/** Visits all mailboxes elsewhere, again and again. */
export function fetchRounds({ collector, list, clock, log, everyMs }: Rounds): Service {
  const ending = new AbortController()
  const turns = new Map<number, Turn>()
  let running: Promise<void> = Promise.resolve()

  const visit = async (fetch: Listed) => {
    const outcome = await collector.visit(fetch)
    if (outcome.kind !== 'collected' && outcome.kind !== 'failed') return
    const isFailure = outcome.kind === 'failed' && outcome.weight !== 'goes-on'
    const failures = isFailure ? (turns.get(fetch.id)?.failures ?? 0) + 1 : 0
    const least = outcome.weight === 'refused' ? refusedPauseMs : 0
    const pause = Math.min(Math.max(everyMs * 2 ** failures, least), Math.max(longestPauseMs, everyMs))
    turns.set(fetch.id, { at: clock.now() + pause, failures, settings: settingsOf(fetch) })
  }

  const round = async () => {
    const listed = await list.list()
    if (listed.kind === 'later') return log.warn('fetch.list-missing', { text: listed.text })
    const now = clock.now()
    const present = new Set(listed.fetches.map(({ id }) => id))
    for (const id of turns.keys()) if (!present.has(id)) turns.delete(id)
    for (const fetch of listed.fetches) {
      const turn = turns.get(fetch.id)
      if (!isDue(fetch, turn, now)) continue
      // It is nobody else's turn until the next round at least.
      turns.set(fetch.id, { at: now + everyMs, failures: turn?.failures ?? 0, settings: settingsOf(fetch) })
      void visit(fetch).catch((cause: unknown) => log.error('fetch.failed', cause, { fetch: fetch.id }))
    }
  }

  const go = async () => {
    await clock.sleep(firstAfterMs, ending.signal)
    while (!ending.signal.aborted) {
      await round().catch((cause: unknown) => log.error('fetch.round-failed', cause))
      await clock.sleep(Math.min(everyMs, 60_000), ending.signal)
    }
  }
  const end = async () => {
    ending.abort()
    await collector.end()
    await running
  }
  return {
    name: 'fetch',
    start: async () => {
      running = go()
    },
    drain: end,
    stop: end,
  }
}

type Listed = Extract<Awaited<ReturnType<FetchList['list']>>, { kind: 'list' }>['fetches'][number]

const settingsOf = (listed: Listed) => JSON.stringify({ ...listed, lastCheck: undefined, said: undefined })

function isDue(listed: Listed, turn: Turn | undefined, now: number): boolean {
  if (!listed.enabled) return false
  return turn ? turn.at <= now || turn.settings !== settingsOf(listed) : !mayWait(listed, now)
}

/** A server that starts again, or again and again, is no reason to try a wrong password sooner. */
const mayWait = ({ lastCheck = 0, said, updatedAt }: Listed, now: number) =>
  said !== undefined &&
  weightOf(said) === 'refused' &&
  updatedAt <= lastCheck &&
  now < lastCheck + refusedPauseMs
