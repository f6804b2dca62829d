import { LRUCache } from 'lru-cache'
import type { Networks } from '../../../lib/networks.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { Errand } from '../dnssec/chain.ts'
import { reason } from '../reasons.ts'
import { addressText } from '../records.ts'
import { type Fetched, type Reply, replyIn } from '../reply.ts'
import type { Message } from '../wire/message.ts'
import { countLabels, isAtOrUnder, lastLabels, type Name, parentOf, root } from '../wire/name.ts'
import { rcode, rcodeName, rrType } from '../wire/types.ts'
import { type Asked, ask } from './ask.ts'
import { type Delegation, type NameServer, type Referral, referralIn } from './delegation.ts'
import type { Exchange } from './exchange.ts'
import type { Servers } from './servers.ts'
import type { Server } from './stream.ts'

interface IteratorOptions {
  readonly exchange: Exchange
  readonly servers: Servers
  readonly clock: Clock
  readonly hints: readonly string[]
  /** 53, but for tests. */
  readonly port: number
  /** Addresses that no stranger can make us ask. */
  readonly neverAsk: Networks
}

/** Delegations on the way to one name. */
const mostReferrals = 32
/** Name servers looking for their own addresses through others, and so on. */
const deepest = 4
/** Servers asked for one step. */
const mostTries = 8
/** RFC 9156 §2.3. */
const mostMinimised = 10
const longestSeconds = 86_400

type Told = { readonly kind: 'referral'; readonly referral: Referral } | Fetched

/** Finds who knows, from the root down, telling each only what it needs to hear. RFC 1034 §5.3.3, RFC 9156. */
export class Iterator {
  readonly #options: IteratorOptions
  readonly #delegations: LRUCache<Name, Delegation>
  readonly #addresses: LRUCache<Name, readonly string[]>
  /** What parents said about DS along with a referral; used once. */
  readonly #ds: LRUCache<Name, Reply>

  constructor(options: IteratorOptions) {
    this.#options = options
    const common = { max: 5000, ttl: 1, ttlResolution: 0, perf: { now: () => options.clock.now() } }
    this.#delegations = new LRUCache(common)
    this.#addresses = new LRUCache(common)
    this.#ds = new LRUCache({ ...common, max: 500 })
  }

  async fetch(name: Name, type: number, errand: Errand): Promise<Fetched> {
    const said = type === rrType.DS ? this.#ds.get(name) : undefined
    if (!said) return this.#fetch(name, type, errand, 0)
    this.#ds.delete(name)
    return { kind: 'reply', reply: said }
  }

  /** After an answer that did not validate: another server may have a better one. */
  forget(reply: Reply): void {
    this.#ds.delete(reply.name)
    this.#options.servers.blame({ ip: reply.server, port: this.#options.port })
  }

  async #fetch(name: Name, type: number, errand: Errand, depth: number): Promise<Fetched> {
    let zone = this.#nearest(name, type)
    let labels = countLabels(zone.zone)
    let minimised = 0
    for (let steps = 0; steps < mostReferrals + mostMinimised; steps++) {
      labels = minimised < mostMinimised ? labels + 1 : countLabels(name)
      const whole = labels >= countLabels(name)
      const told = await this.#askZone(
        zone,
        whole ? name : lastLabels(name, labels),
        whole ? type : rrType.A,
        errand,
        depth,
      )
      if (told.kind === 'referral') {
        zone = this.#remember(told.referral)
        labels = countLabels(zone.zone)
        continue
      }
      if (whole) return told
      minimised++
      // RFC 9156 §3: servers that stumble over part of a name are asked for all of it.
      if (told.kind === 'failed' || told.reply.found === 'no-name') minimised = mostMinimised
    }
    return failed(`The way to ${name} has too many steps.`)
  }

  #nearest(name: Name, type: number): Delegation {
    // DS is asked above the cut. RFC 4035 §3.1.4.1.
    const isParents = type === rrType.DS && name !== root
    for (let count = countLabels(name) - (isParents ? 1 : 0); count > 0; count--) {
      const known = this.#delegations.get(lastLabels(name, count))
      if (known) return known
    }
    return { zone: root, servers: [{ name: root, glue: this.#options.hints }], ttl: 0 }
  }

  #remember({ delegation, ds }: Referral): Delegation {
    const ttl = Math.min(Math.max(delegation.ttl, 5), longestSeconds) * 1000
    this.#delegations.set(delegation.zone, delegation, { ttl })
    if (ds) this.#ds.set(delegation.zone, ds, { ttl: 30_000 })
    return delegation
  }

  /** One question to the servers of a zone, until one says something. */
  async #askZone(zone: Delegation, name: Name, type: number, errand: Errand, depth: number): Promise<Told> {
    const pool = new Pool(zone)
    let last = failed(`No server of ${zone.zone} answers.`)
    for (let tries = 0; tries < mostTries; tries++) {
      const server = await this.#nextServer(pool, errand, depth)
      if (!server) return last
      const asked = await ask(
        this.#options,
        { server, zone: zone.zone, name, type, recursive: false },
        errand,
      )
      if (asked.kind === 'over') return failed(asked.text)
      const told = asked.kind === 'message' && this.#understood(asked.message, zone, name, type, server)
      if (told) return told
      this.#options.servers.blame(server)
      pool.drop(server)
      last = failed(`${server.ip} for ${zone.zone}: ${saidOf(asked)}.`)
    }
    return last
  }

  #understood(
    message: Message,
    zone: Delegation,
    name: Name,
    type: number,
    { ip }: Server,
  ): Told | undefined {
    const isAbove = type === rrType.DS ? parentOf(name) : name
    const referral = referralIn(message, isAbove, zone.zone, ip)
    if (referral) return { kind: 'referral', referral }
    const reply = replyIn(message, name, type, { zone: zone.zone, recursive: false, server: ip })
    return reply && { kind: 'reply', reply }
  }

  async #nextServer(pool: Pool, errand: Errand, depth: number): Promise<Server | undefined> {
    for (;;) {
      const allowed = pool.addresses.filter((ip) => !this.#options.neverAsk.has(ip))
      const picked = this.#options.servers.pick(allowed.map((ip) => ({ ip, port: this.#options.port })))
      if (picked) return picked.server
      const stranger = pool.nextStranger()
      if (!stranger) return undefined
      const found =
        this.#addresses.get(stranger.name) ?? (await this.#lookUp(stranger, pool.zone, errand, depth))
      pool.add(found)
    }
  }

  /** Addresses that no parent gave. A bounded number for each question, or a few records would make us flood others. */
  async #lookUp({ name }: NameServer, zone: Name, errand: Errand, depth: number): Promise<readonly string[]> {
    // Within its own zone it could only be found through itself.
    if (depth >= deepest || isAtOrUnder(name, zone) || !errand.work.spend('serverNames')) return []
    const quiet = { work: errand.work, trace: errand.trace }
    for (const type of [rrType.A, rrType.AAAA]) {
      const fetched = await this.#fetch(name, type, quiet, depth + 1)
      const set =
        fetched.kind === 'reply' && fetched.reply.found === 'records' ? fetched.reply.set : undefined
      if (!set) continue
      const addresses = set.data.slice(0, 6).map(addressText)
      this.#addresses.set(name, addresses, { ttl: Math.min(Math.max(set.ttl, 5), longestSeconds) * 1000 })
      return addresses
    }
    return []
  }
}

/** The servers of a zone while one question is asked of it. */
class Pool {
  readonly zone: Name
  readonly #strangers: NameServer[]
  readonly #dropped = new Set<string>()
  #addresses: string[]

  constructor({ zone, servers }: Delegation) {
    this.zone = zone
    this.#addresses = servers.flatMap(({ glue }) => glue)
    this.#strangers = servers.filter(({ glue }) => glue.length === 0)
  }

  get addresses(): readonly string[] {
    return this.#addresses
  }

  nextStranger(): NameServer | undefined {
    return this.#strangers.shift()
  }

  add(addresses: readonly string[]): void {
    this.#addresses = [...this.#addresses, ...addresses.filter((ip) => !this.#dropped.has(ip))]
  }

  drop({ ip }: Server): void {
    this.#dropped.add(ip)
    this.#addresses = this.#addresses.filter((each) => each !== ip)
  }
}

function saidOf(asked: Asked): string {
  if (asked.kind !== 'message') return asked.kind
  return asked.message.rcode === rcode.noError ? 'not responsible' : rcodeName(asked.message.rcode)
}

function failed(text: string): Fetched & { kind: 'failed' } {
  return { kind: 'failed', why: reason('noReachableAuthority', text) }
}
