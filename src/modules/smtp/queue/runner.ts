import type { Delivery } from '../../../ports/mail-store.ts'
import type { OutgoingQueue, QueueId, Way } from '../../../ports/outgoing-queue.ts'
import type { Log, Meter, Service } from '../../../ports/runtime.ts'
import type { Fallback } from '../routing/fallback.ts'
import type { TlsResults } from '../tls-report/results.ts'
import { Ahead } from './ahead.ts'
import { type Batch, Turns } from './batch.ts'
import type { Detours } from './detours.ts'
import { Lingering } from './lingering.ts'
import type { Paces } from './pace.ts'
import type { Postman } from './postman.ts'
import { judge, type Tried } from './settle.ts'
import { type VisitParts, visit } from './visit.ts'

interface RunnerSettings {
  /** Visits at once, to all destinations. */
  readonly visits: number
}

interface RunnerParts
  extends Omit<VisitParts, 'queue' | 'next' | 'another' | 'giveBack' | 'settle' | 'tlsResults'> {
  readonly queue: OutgoingQueue
  readonly postman: Postman
  readonly paces: Paces
  readonly fallback: Fallback
  readonly detours: Detours
  readonly tlsResults: TlsResults
  readonly log: Log
  readonly meter: Meter
  readonly random: () => number
  readonly settings: RunnerSettings
}

/** Why a wait ends; without a reason an error is made for each. */
const enough = 'enough'
/** When the store cannot write, or the queue cannot be read. */
const troubleMs = 10_000
/** While there is news all the time, the rest of the queue is looked at so often: something may have become due. */
const lookMs = 1_000
/** How long a connection is kept for the next message. Postfix: smtp_connection_cache_time_limit. */
const lingerMs = 1_000

/** Sends what is due, and writes down what came of it. Nothing else decides when something is sent. */
export function createRunner(parts: RunnerParts): Service {
  const runner = new Runner(parts)
  return {
    name: 'queue',
    start: async () => runner.start(),
    drain: () => runner.drain(),
    stop: () => runner.drain(),
  }
}

class Runner {
  readonly #parts: RunnerParts
  readonly #turns = new Turns()
  readonly #ahead: Ahead
  readonly #lingering: Lingering
  readonly #visits = new Map<Way, Set<Promise<void>>>()
  #running = 0
  #draining = false
  readonly #ending = new AbortController()
  /** Ways by which something may be due since the last look, each as often as it was told. */
  #called: Way[] = []
  /** Nobody knows by which. */
  #everywhere = true
  /** When all of it was looked at. */
  #lookedAt = Number.NEGATIVE_INFINITY
  #wake: (() => void) | undefined
  #loop: Promise<void> | undefined
  #unwatch: (() => void) | undefined

  constructor(parts: RunnerParts) {
    this.#parts = parts
    this.#ahead = new Ahead(parts.queue, this.#turns, parts.clock)
    this.#lingering = new Lingering(parts.clock)
  }

  start(): void {
    this.#unwatch = this.#parts.queue.watch((ways) => this.#hear(ways))
    this.#loop = this.#work()
  }

  /** No new visit and no further message in the ones that run; resolves when they are at their end. */
  async drain(): Promise<void> {
    this.#draining = true
    this.#ending.abort(enough)
    this.#lingering.callAll()
    this.#unwatch?.()
    this.#hear()
    await this.#loop
    await Promise.all([...this.#visits.values()].flatMap((visits) => [...visits]))
    await this.#parts.tlsResults.drain()
  }

  async #work(): Promise<void> {
    while (!this.#draining) {
      let waitMs: number | undefined
      let isTrouble = false
      try {
        await this.#sendOut(await this.#wanted())
        waitMs = await this.#untilDue()
      } catch (error) {
        this.#parts.log.error('queue.trouble', error)
        waitMs = troubleMs
        isTrouble = true
      }
      await this.#rest(waitMs)
      // The time has come for something, and nobody says for what.
      const isTime = this.#parts.clock.now() >= this.#lookedAt + lookMs
      if (this.#called.length === 0 || isTrouble || isTime) this.#hear()
    }
  }

  /** Where to look: where there is news, or wherever something is due, the longest waiting first. */
  async #wanted(): Promise<readonly Way[]> {
    const called = this.#called
    this.#called = []
    if (!this.#everywhere) return called
    this.#everywhere = false
    const { queue, clock, settings } = this.#parts
    this.#lookedAt = clock.now()
    // Those that are busy stand first in the list, as they have waited longest: they must not fill it.
    return queue.dueDestinations(clock.now(), settings.visits + this.#visits.size)
  }

  async #sendOut(names: readonly Way[]): Promise<void> {
    for (const name of names) {
      // Whoever ends makes room, and all are looked at again.
      if (this.#running >= this.#parts.settings.visits || this.#draining) return
      if (this.#lingering.call(name)) continue
      const busy = this.#visits.get(name)?.size ?? 0
      if (busy < this.#parts.paces.of(name).visits && (await this.#hasFree(name))) this.#begin(name)
    }
  }

  /** Most destinations have one visit; another only where somebody would go with it. */
  async #hasFree(name: Way): Promise<boolean> {
    return this.#turns.hasFree(await this.#ahead.due(name))
  }

  #begin(name: Way): void {
    const visits = this.#visits.get(name) ?? new Set()
    this.#visits.set(name, visits)
    this.#running++
    const running = this.#visit(name).finally(() => {
      this.#running--
      visits.delete(running)
      if (visits.size === 0) {
        this.#visits.delete(name)
        this.#ahead.forget(name)
      }
      this.#hear()
    })
    visits.add(running)
  }

  async #visit(name: Way): Promise<void> {
    const taken = new Set<Batch>()
    try {
      await visit(name, {
        ...this.#parts,
        next: async () => {
          const batch = await this.#next(name)
          if (batch) taken.add(batch)
          return batch
        },
        another: async () => {
          const batch = await this.#nextOrLinger(name)
          if (batch) taken.add(batch)
          return batch
        },
        giveBack: (batch) => {
          this.#turns.end(batch)
          taken.delete(batch)
        },
        settle: async (batch, tried) => {
          await this.#settle(await this.#parts.fallback.turn(tried))
          this.#ahead.remove(name, new Set(batch.map(({ id }) => id)))
          this.#turns.end(batch)
          taken.delete(batch)
        },
      })
    } catch (error) {
      this.#parts.log.error('queue.visit-failed', error, { destination: name })
      // What was thrown is a bug or a broken disk: they stay due, and are not tried at once.
      await this.#parts.clock.sleep(troubleMs)
    } finally {
      for (const batch of taken) this.#turns.end(batch)
    }
  }

  async #next(name: Way): Promise<Batch | undefined> {
    if (this.#draining) return undefined
    const { paces } = this.#parts
    // Nobody waits for a pause when there is nothing to send.
    if (paces.of(name).pauseMs > 0 && !(await this.#hasFree(name))) return undefined
    await paces.pause(name, this.#ending.signal)
    if (this.#draining) return undefined
    for (;;) {
      const batch = this.#turns.next(await this.#ahead.due(name), paces.of(name).recipients)
      if (!batch || !(await this.#turnsAway(name, batch))) return batch
    }
  }

  async #turnsAway(name: Way, batch: Batch): Promise<boolean> {
    let turned: ReadonlySet<QueueId>
    try {
      turned = await this.#parts.detours.turn(name, batch)
      if (turned.size === 0) return false
      this.#ahead.remove(name, turned)
    } catch (cause) {
      this.#turns.end(batch)
      throw cause
    }
    this.#turns.end(batch)
    return true
  }

  /** A connection is kept for a moment, where others do not wait for its place. */
  async #nextOrLinger(name: Way): Promise<Batch | undefined> {
    const { clock, settings } = this.#parts
    const until = clock.now() + lingerMs
    for (;;) {
      const batch = await this.#next(name)
      const left = until - clock.now()
      if (batch || this.#draining || left <= 0 || this.#running > settings.visits / 2) return batch
      // What came while we looked calls nobody. Another visit may take what we are called for: the connection is kept on.
      if (!this.#ahead.isStale(name)) await this.#lingering.wait(name, left)
    }
  }

  async #settle(tried: readonly Tried[]): Promise<void> {
    const { clock, random, queue, postman } = this.#parts
    const verdicts = tried.map((each) => judge(each, clock.now(), random()))
    const reports: Delivery[] = await postman.write(verdicts.flatMap(({ report }) => report ?? []))
    for (;;) {
      const settled = await queue.settle({ rows: verdicts.map(({ row }) => row), reports })
      if (settled.kind !== 'later') break
      // It was sent: until that is on disk nobody else may try it.
      this.#parts.log.warn('queue.settle-later', { text: settled.text })
      await clock.sleep(troubleMs)
    }
    for (const each of tried) this.#note(each)
  }

  #note({ recipient, sent, server, tls }: Tried): void {
    const { log, meter } = this.#parts
    const { message, id, address, attempts, destination } = recipient
    meter.count('outgoing_attempts_total', { outcome: sent.kind })
    log.info(`outgoing.${sent.kind}`, {
      message,
      id,
      to: address,
      destination,
      server,
      tls: tls?.protocol,
      proof: tls?.proof,
      attempt: attempts + 1,
      code: sent.code,
      status: sent.status,
      text: sent.text,
      ...(sent.kind === 'done' ? {} : { why: sent.why, step: sent.step }),
    })
  }

  async #untilDue(): Promise<number | undefined> {
    const due = await this.#parts.queue.nextDue()
    if (due === undefined) return undefined
    const wait = due - this.#parts.clock.now()
    // What is due now is on its way, or has no room: the end of a visit wakes us.
    return wait > 0 ? wait : troubleMs
  }

  #hear(ways?: readonly Way[]): void {
    if (ways) {
      for (const way of ways) this.#ahead.note(way)
      this.#called.push(...ways)
    } else {
      this.#ahead.noteEverywhere()
      this.#everywhere = true
    }
    this.#wake?.()
  }

  async #rest(waitMs: number | undefined): Promise<void> {
    if (this.#everywhere || this.#called.length > 0 || this.#draining) return
    const over = new AbortController()
    const news = new Promise<void>((resolve) => (this.#wake = resolve))
    const time = waitMs === undefined ? [] : [this.#parts.clock.sleep(waitMs, over.signal)]
    await Promise.race([news, ...time])
    over.abort(enough)
    this.#wake = undefined
  }
}
