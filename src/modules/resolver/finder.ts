import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import { Cache, type Finding } from './cache.ts'
import type { Anchors } from './dnssec/anchors.ts'
import { Chain, type Errand } from './dnssec/chain.ts'
import { type Judgement, judge } from './dnssec/validate.ts'
import { Failures, type Found } from './failures.ts'
import type { LocalNames } from './local-names.ts'
import { reason } from './reasons.ts'
import { type Fetched, negativeTtl, type Reply } from './reply.ts'
import type { CacheSettings } from './settings.ts'
import { Spans } from './spans.ts'
import type { Trace } from './trace.ts'
import type { Name } from './wire/name.ts'
import { rrType } from './wire/types.ts'
import { Work, type WorkLimits } from './work.ts'

export interface FinderOptions {
  readonly fetch: (name: Name, type: number, errand: Errand) => Promise<Fetched>
  /** What was fetched does not validate: another server may do better. */
  readonly forget: (reply: Reply) => void
  readonly anchors: Anchors
  readonly local: LocalNames
  readonly cache: CacheSettings
  readonly work: WorkLimits
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** What one question may take in all; who asks may stop waiting earlier. */
const longestMs = 12_000
/** RFC 8767 §5: then the old answer goes out, and the new one is still fetched. */
const staleAfterMs = 1800
/** RFC 8767 §4. */
const staleTtl = 30
/** A broken answer is not asked for again at once. RFC 4035 §4.7. */
const brokenTtl = 30
/** Kept less than this share of its time: fetched anew before it ends. */
const prefetchShare = 0.1

/** One name, one type: from memory, from proofs, or from the world; validated. Aliases are findings like others. */
export class Finder {
  readonly cache: Cache
  readonly #options: FinderOptions
  readonly #chain: Chain
  readonly #spans: Spans
  readonly #running = new Map<string, Promise<Found>>()
  readonly #failures: Failures

  constructor(options: FinderOptions) {
    this.#options = options
    const { cache, anchors, fetch, clock, log } = options
    this.cache = new Cache({ maxBytes: cache.maxBytes, staleMs: cache.stale * 1000 })
    this.#chain = new Chain({ anchors, fetch, clock, log })
    this.#spans = new Spans(clock)
    this.#failures = new Failures(clock)
  }

  /** What can be said at once. Asks in the background for what will soon be too old. */
  known(name: Name, type: number): Finding | undefined {
    const local = this.#options.local.find(name, type)
    if (local) return local
    const kept = this.cache.get(name, type)
    if (!kept) return undefined
    const now = this.#options.clock.now()
    if (now >= kept.freshUntil) return undefined
    const isOld = kept.freshUntil - now < kept.ttl * 1000 * prefetchShare
    if (isOld && kept.ttl >= 30 && kept.security !== 'bogus') void this.#start(name, type)
    return kept
  }

  async find(name: Name, type: number, trace?: Trace): Promise<Found> {
    return trace && !this.#options.local.find(name, type)
      ? this.#findAnew(name, type, trace)
      : this.#find(name, type)
  }

  /** Who asks for the way hears it from its beginning, whatever is known; what is known serves where nobody answers. */
  async #findAnew(name: Name, type: number, trace: Trace): Promise<Found> {
    const known = this.known(name, type)
    const fresh = await this.#fetch(name, type, trace)
    return fresh.kind === 'failed' && known ? { kind: 'found', finding: known, fromCache: true } : fresh
  }

  async #find(name: Name, type: number): Promise<Found> {
    const kept = this.known(name, type) ?? this.#proven(name, type)
    if (kept) return { kind: 'found', finding: kept, fromCache: true }
    const fresh = this.#start(name, type)
    const stale = this.cache.get(name, type)
    if (!stale || !this.cache.mayServeStale(stale, this.#options.clock.now())) return fresh
    const first = await Promise.race([fresh, this.#tooLong()])
    if (first?.kind === 'found') return first
    return { kind: 'found', finding: this.#staled(stale), fromCache: true }
  }

  /** Without validating: for a client that does it itself (the CD bit). Not kept. */
  async raw(name: Name, type: number, mostAliases: number): Promise<readonly Fetched[]> {
    const errand = this.#errand(undefined)
    const steps: Fetched[] = []
    let at: Name | undefined = name
    while (at !== undefined && steps.length <= mostAliases) {
      const fetched: Fetched = await this.#options.fetch(at, type, errand)
      steps.push(fetched)
      at = fetched.kind === 'reply' ? fetched.reply.target : undefined
    }
    return steps
  }

  async #tooLong(): Promise<undefined> {
    await this.#options.clock.sleep(staleAfterMs)
    return undefined
  }

  #staled(stale: Finding): Finding {
    const facts = plainly(stale)
    const code = stale.found === 'no-name' ? 'staleNoName' : 'staleAnswer'
    const why = [...stale.why, reason(code, 'Nobody answers now; this is what was true before.')]
    return { ...facts, why, ttl: staleTtl, freshUntil: this.#options.clock.now() + staleTtl * 1000 }
  }

  /** One question for all who ask it at the same time. */
  #start(name: Name, type: number): Promise<Found> {
    const key = `${type} ${name}`
    const running = this.#running.get(key) ?? this.#failures.recent(key)
    if (running) return running
    const fresh = this.#fetch(name, type, undefined)
      .then((found) => this.#failures.noted(key, found))
      .finally(() => this.#running.delete(key))
    this.#running.set(key, fresh)
    return fresh
  }

  /** RFC 8020 and RFC 8198: what proofs for other names say of this one. */
  #proven(name: Name, type: number): Finding | undefined {
    const { clock } = this.#options
    const above = this.cache.nothingAbove(name, clock.now())
    if (above) return { ...plainly(above), name, type }
    const absence = this.#spans.find(name, type, this.#errand(undefined).work)
    if (!absence) return undefined
    const { found, signer, authority, until } = absence
    const ttl = Math.max(1, Math.floor((until - clock.now()) / 1000))
    const common = { name, type, set: undefined, target: undefined, why: [], ttl, freshUntil: until }
    const finding: Finding = { ...common, found, signer, authority, security: 'secure' }
    this.cache.set(finding)
    this.#options.meter.count('resolver_synthesized_total')
    return finding
  }

  #errand(trace: Trace | undefined): Errand {
    return { work: new Work(this.#options.clock.now() + longestMs, this.#options.work), trace }
  }

  async #fetch(name: Name, type: number, trace: Trace | undefined): Promise<Found> {
    const errand = this.#errand(trace)
    const began = this.#options.clock.now()
    const first = await this.#fetchOnce(name, type, errand)
    // A broken answer may be the fault of one server: another is asked before mail waits for it.
    const isBroken = first.kind === 'found' && first.finding.security === 'bogus'
    const found = isBroken ? await this.#fetchOnce(name, type, errand) : first
    this.#options.meter.observeSeconds('resolver_lookup_seconds', (this.#options.clock.now() - began) / 1000)
    if (found.kind === 'failed') return found
    this.cache.set(found.finding)
    return found
  }

  async #fetchOnce(name: Name, type: number, errand: Errand): Promise<Found> {
    const { fetch, clock, forget } = this.#options
    const fetched = await fetch(name, type, errand)
    if (fetched.kind === 'failed') return { kind: 'failed', why: [fetched.why] }
    const { reply } = fetched
    const judgement = await judge(reply, this.#chain, Math.floor(clock.now() / 1000), errand)
    if (judgement.security === 'later') return { kind: 'failed', why: judgement.why }
    if (judgement.security === 'bogus') forget(reply)
    const finding = this.#findingOf(reply, judgement, judgement.security)
    this.#learn(finding, judgement)
    return { kind: 'found', finding, fromCache: false }
  }

  #findingOf(reply: Reply, judgement: Judgement, security: Finding['security']): Finding {
    const { cache, clock } = this.#options
    const isThere = reply.set !== undefined
    const most = isThere ? cache.mostTtl : cache.mostNegativeTtl
    const said = isThere ? (reply.set?.ttl ?? 0) : negativeTtl(reply.authority)
    const signed = judgement.ttl ?? Number.POSITIVE_INFINITY
    // The shortest time may be raised by configuration, but never beyond what is signed. RFC 4035 §5.3.3.
    const ttl = Math.min(Math.max(said, cache.leastTtl), most, signed)
    const kept = security === 'bogus' ? brokenTtl : Math.floor(ttl)
    return {
      name: reply.name,
      type: reply.type,
      found: reply.found,
      set: reply.set,
      target: reply.target,
      authority: reply.authority,
      security,
      why: judgement.why,
      signer: judgement.signer,
      freshUntil: clock.now() + kept * 1000,
      ttl: kept,
    }
  }

  #learn({ security, ttl, authority }: Finding, { signer, proofs }: Judgement): void {
    if (security !== 'secure' || signer === undefined || !proofs) return
    const soa = authority.find(({ type, name }) => type === rrType.SOA && name === signer)
    this.#spans.learn(signer, proofs, soa, ttl)
  }
}

/** Without what was made of it for those who asked before. */
function plainly(finding: Finding): Finding {
  const { typed: _, outcome: __, ...facts } = finding
  return facts
}
