import type { FetchList } from '../../ports/fetch-list.ts'
import type { Collecting, Fetching, FetchTally } from '../../ports/fetching.ts'
import type { Log, Meter } from '../../ports/runtime.ts'
import { Bookmarks } from './bookmarks.ts'
import { collectByImap } from './imap/collect.ts'
import { lookByImap } from './imap/look.ts'
import { originOf } from './job.ts'
import { collectByPop3 } from './pop3/collect.ts'
import { lookByPop3 } from './pop3/look.ts'
import { type ReachParts, reach } from './reach.ts'
import { Taker, type TakerParts } from './taker.ts'
import { Trouble, troubles } from './trouble.ts'
import { Turns } from './turns.ts'
import { Visit } from './visit.ts'

export interface CollectorParts extends TakerParts, ReachParts {
  readonly list: FetchList
  readonly notes: ConstructorParameters<typeof Bookmarks>[0]
  readonly log: Log
  readonly meter: Meter
}

type Listed = Extract<Awaited<ReturnType<FetchList['list']>>, { kind: 'list' }>['fetches'][number]
export type Collected = Collecting & { readonly weight?: Trouble['weight'] }

/** A mailbox that holds more than can be fetched in this time goes on at the next visit, and others come in between. */
const longestVisitMs = 20 * 60_000
/** Somebody waits for it. */
const longestLookMs = 60_000

/** Visits mailboxes elsewhere: several at once, none of them twice at the same time. */
export class Collector implements Fetching {
  readonly #parts: CollectorParts
  readonly #bookmarks: Bookmarks
  readonly #turns = new Turns()
  readonly #ending = new AbortController()
  readonly #busy = new Map<number, Promise<Collected>>()

  constructor(parts: CollectorParts) {
    this.#parts = parts
    this.#bookmarks = new Bookmarks(parts.notes, parts.clock)
  }

  async run(id: number): ReturnType<Fetching['run']> {
    const listed = await this.#parts.list.list()
    if (listed.kind === 'later') return { kind: 'failed', text: listed.text, taken: 0, left: 0 }
    const found = listed.fetches.find((one) => one.id === id)
    return found ? await this.visit(found) : { kind: 'missing' }
  }

  /** One visit, when there is a turn for it; how it went is told to the directory. */
  async visit(listed: Listed): Promise<Collected | { readonly kind: 'busy' }> {
    if (this.#busy.has(listed.id)) return { kind: 'busy' }
    const visiting = this.#turns.take(listed, () => this.#visit(listed))
    this.#busy.set(listed.id, visiting)
    try {
      return await visiting
    } finally {
      this.#busy.delete(listed.id)
    }
  }

  async check(id: number): ReturnType<Fetching['check']> {
    const listed = await this.#parts.list.list()
    if (listed.kind === 'later') return { kind: 'failed', text: listed.text }
    const found = listed.fetches.find((one) => one.id === id)
    return found ? await this.#look(found) : { kind: 'missing' }
  }

  async tallies(ids: readonly number[]): Promise<ReadonlyMap<number, FetchTally>> {
    const found = new Map<number, FetchTally>()
    for (const id of ids) {
      const tally = await this.#bookmarks.tally(id)
      if (tally) found.set(id, tally)
    }
    return found
  }

  async end(): Promise<void> {
    this.#ending.abort('ending')
    await Promise.allSettled(this.#busy.values())
  }

  async #look({ password, ...listed }: Listed): ReturnType<Fetching['check']> {
    let over = this.#ending.signal
    try {
      if (password === undefined) throw troubles.unreadable()
      const place = await reach(this.#parts, listed)
      const look = listed.protocol === 'imap' ? lookByImap : lookByPop3
      const found = await this.#turns.take(listed, () => {
        over = AbortSignal.any([over, AbortSignal.timeout(longestLookMs)])
        return look(place, { ...listed, password }, over)
      })
      return { kind: 'works', ...found }
    } catch (cause) {
      const trouble = over.aborted ? troubles.silent(listed) : this.#explained(cause, listed)
      return { kind: 'failed', text: trouble.message, said: trouble.said }
    }
  }

  async #visit(listed: Listed): Promise<Collected> {
    const { log, meter, clock, list } = this.#parts
    const began = clock.now()
    const outcome = await this.#collect(listed)
    const { id, user, host, protocol } = listed
    const { kind, taken, left } = outcome
    const { text: error, said } = outcome.kind === 'failed' ? outcome : { text: '' }
    await list.report(id, error, said)
    log.info('fetch.visited', {
      fetch: id,
      user,
      host,
      protocol,
      taken,
      left,
      ms: clock.now() - began,
      error,
    })
    meter.count('fetch_visits_total', { outcome: kind })
    meter.count('fetch_messages_total', {}, taken)
    return outcome
  }

  async #collect({ password, ...listed }: Listed): Promise<Collected> {
    const patience = AbortSignal.timeout(longestVisitMs)
    const signal = AbortSignal.any([this.#ending.signal, patience])
    let visit: Visit | undefined
    try {
      if (this.#ending.signal.aborted) throw troubles.ending()
      if (password === undefined) throw troubles.unreadable()
      const job = { ...listed, password }
      const place = await reach(this.#parts, job)
      const { origin, taker, bookmarks } = {
        origin: originOf(job),
        taker: new Taker(this.#parts, job),
        bookmarks: this.#bookmarks,
      }
      visit = new Visit({ job, origin, place, taker, bookmarks, signal })
      await (job.protocol === 'imap' ? collectByImap(visit) : collectByPop3(visit))
      return { kind: 'collected', ...(await this.#counted(listed.id, visit)) }
    } catch (cause) {
      const { message: text, said, weight } = this.#explained(cause, listed)
      return { kind: 'failed', text, said, weight, ...(await this.#counted(listed.id, visit)) }
    }
  }

  async #counted(id: number, visit: Visit | undefined): Promise<{ taken: number; left: number }> {
    const tally = visit?.tally ?? { taken: 0, left: 0, why: '' }
    if (tally.taken + tally.left > 0) await this.#bookmarks.count(id, tally)
    return { taken: tally.taken, left: tally.left }
  }

  /** What is no trouble of theirs is a mistake of ours. */
  #explained(cause: unknown, { host, protocol }: Pick<Listed, 'host' | 'protocol'>): Trouble {
    if (cause instanceof Trouble) return cause
    this.#parts.log.error('fetch.failed', cause, { host, protocol })
    return troubles.fault()
  }
}
