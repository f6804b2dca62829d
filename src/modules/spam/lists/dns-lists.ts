import { isIP } from 'node:net'
import type { DnsOutcome, DnsResolver } from '../../../ports/dns-resolver.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import { isNearby } from '../nearby.ts'
import { type Hit, type Sign, weighed } from '../rules/rule.ts'
import { isAnswer, isError } from './codes.ts'
import { type ListQuestion, type Place, questionsFor, questionsOfPlaces, type Suspects } from './questions.ts'
import { type DnsList, dnsLists, type Listing } from './table.ts'

export interface DnsListParts {
  readonly dns: Pick<DnsResolver, 'resolve'>
  readonly clock: Clock
  readonly log: Log
  /** What the administrator wants otherwise; undefined: none is asked. */
  readonly dnsLists: readonly DnsListChange[] | undefined
}

/** A list is left out, or asked under another name: `key.zen.dq.spamhaus.net`. */
export interface DnsListChange {
  readonly zone: string
  readonly askedAt: string | undefined
}

/** What the lists may cost a message together. */
const patienceMs = 3000
/** A list of which it is not known whether it answers. */
const doubtfulMs = 600
/** Of names that links lead to, and of their addresses. */
const mostLinked = 5
const mostPlaces = 2
const placesMs = 1500
const failuresUntilPause = 3
const pauseMs = 5 * 60_000
const refusedPauseMs = 3_600_000

interface Health {
  failures: number
  isProven: boolean
  /** Not asked before then. */
  pausedUntil: number
  isSilent: boolean
}

interface Asked {
  readonly question: ListQuestion
  readonly heard: Heard
}

type Heard =
  | { readonly kind: 'listed'; readonly listings: readonly Listing[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'silent' }

/** Asks lists of the world about a message: all at once, within one time. What does not answer is left out for a while. */
export class DnsLists {
  readonly #parts: DnsListParts
  readonly #lists: readonly DnsList[]
  readonly #health = new Map<string, Health>()

  constructor(parts: DnsListParts) {
    this.#parts = parts
    this.#lists = parts.dnsLists ? changed(dnsLists, parts.dnsLists) : []
    const known = new Set(dnsLists.map(({ zone }) => zone))
    const unknown = (parts.dnsLists ?? []).filter(({ zone }) => !known.has(zone)).map(({ zone }) => zone)
    if (unknown.length > 0)
      parts.log.warn('spam.lists-unknown', {
        lists: unknown.join(' '),
        text: 'DNS_LISTS names lists that are not asked',
      })
  }

  async ask(suspects: Suspects): Promise<Hit[]> {
    const now = this.#parts.clock.now()
    const parts = await Promise.all([
      this.#askAll(questionsFor(this.#lists, suspects), now),
      this.#askOfPlaces(suspects.linked, now),
    ])
    const asked = parts.flat()
    const questions = asked.map(({ question }) => question)
    const heard = asked.map((one) => one.heard)
    this.#note(questions, heard)
    return hitsOf(questions, heard)
  }

  #askAll(questions: readonly ListQuestion[], now: number): Promise<Asked[]> {
    const open = questions.filter(({ list }) => this.#of(list.zone).pausedUntil <= now)
    return Promise.all(open.map(async (question) => ({ question, heard: await this.#ask(question, now) })))
  }

  /** Not each name of a link is looked up, but what is registered: a name made for one reader would tell that his mail has come. */
  async #askOfPlaces(hosts: readonly string[], now: number): Promise<Asked[]> {
    const lists = this.#lists.filter(({ of, zone }) => of === 'place' && this.#of(zone).pausedUntil <= now)
    if (lists.length === 0) return []
    const places = await Promise.all(hosts.slice(0, mostLinked).map((host) => this.#placesOf(host, now)))
    return this.#askAll(questionsOfPlaces(lists, places.flat()), now)
  }

  async #placesOf(host: string, now: number): Promise<Place[]> {
    if (isIP(host) !== 0) return [{ host, address: host }]
    const found = await this.#parts.dns.resolve({ name: host, type: 'A', deadlineMs: now + placesMs })
    const records = found.kind === 'records' ? found.records : []
    const addresses = records.flatMap((record) => (record.type === 'A' ? [record.address] : []))
    return addresses
      .filter((address) => !isNearby(address))
      .slice(0, mostPlaces)
      .map((address) => ({ host, address }))
  }

  async #ask({ list, name }: ListQuestion, now: number): Promise<Heard> {
    const { isProven } = this.#of(list.zone)
    // Questions about places start later, and end with the others.
    const deadlineMs = Math.min(
      now + patienceMs,
      this.#parts.clock.now() + (isProven ? patienceMs : doubtfulMs),
    )
    return heardOf(
      await this.#parts.dns.resolve({ name: `${name}.${list.zone}`, type: 'A', deadlineMs }),
      list,
    )
  }

  #of(zone: string): Health {
    const known = this.#health.get(zone)
    if (known) return known
    const health: Health = { failures: 0, isProven: false, pausedUntil: 0, isSilent: false }
    this.#health.set(zone, health)
    return health
  }

  /** One word on each list for each message, however often it was asked. */
  #note(questions: readonly ListQuestion[], heard: readonly Heard[]): void {
    const zones = new Map<string, Heard['kind'][]>()
    for (const [at, { list }] of questions.entries()) {
      const kinds = zones.get(list.zone) ?? []
      kinds.push(heard[at]?.kind ?? 'silent')
      zones.set(list.zone, kinds)
    }
    const of = (change: (health: Health, kinds: readonly Heard['kind'][]) => boolean) =>
      [...zones].filter(([zone, kinds]) => change(this.#of(zone), kinds)).map(([zone]) => zone)
    const now = this.#parts.clock.now()
    const { log } = this.#parts
    const refusing = of((health, kinds) => kinds.includes('refused') && pause(health, now + refusedPauseMs))
    if (refusing.length > 0)
      log.warn('spam.lists-refuse', {
        lists: refusing.join(' '),
        text: 'these lists do not answer to our DNS resolver',
      })
    const silent = of((health, kinds) => kinds.every((kind) => kind === 'silent') && fails(health, now))
    if (silent.length > 0)
      log.warn('spam.lists-silent', { lists: silent.join(' '), text: 'mail is judged without them' })
    const back = of((health, kinds) => kinds.some(isWord) && !kinds.includes('refused') && answers(health))
    if (back.length > 0) log.info('spam.lists-answer-again', { lists: back.join(' ') })
  }
}

const isWord = (kind: Heard['kind']): boolean => kind === 'listed' || kind === 'unknown'

/** All three say whether there is something to tell. */
function pause(health: Health, until: number): boolean {
  health.pausedUntil = until
  const isNew = !health.isSilent
  health.isSilent = true
  return isNew
}

function fails(health: Health, now: number): boolean {
  health.failures++
  // Where it never answered, one failure says enough.
  if (health.isProven && health.failures < failuresUntilPause) return false
  health.isProven = false
  return pause(health, now + pauseMs)
}

function answers(health: Health): boolean {
  const wasSilent = health.isSilent
  Object.assign(health, { failures: 0, isProven: true, isSilent: false })
  return wasSilent
}

function heardOf(outcome: DnsOutcome, list: DnsList): Heard {
  if (outcome.kind === 'no-name' || outcome.kind === 'no-data') return { kind: 'unknown' }
  if (outcome.kind !== 'records') return { kind: 'silent' }
  const codes = outcome.records.flatMap((record) =>
    record.type === 'A' ? [record.address.split('.').map(Number)] : [],
  )
  if (codes.some((code) => !isAnswer(code) || isError(code) || list.refusal?.(code)))
    return { kind: 'refused' }
  const listings = list.listings.filter(({ matches }) => codes.some(matches))
  return listings.length > 0 ? { kind: 'listed', listings } : { kind: 'unknown' }
}

/** A sign counts once, whoever bears it. */
function hitsOf(questions: readonly ListQuestion[], heard: readonly Heard[]): Hit[] {
  const signs = new Map<string, { listing: Listing; list: DnsList; about: Set<string> }>()
  for (const [at, { list, about }] of questions.entries()) {
    const answer = heard[at]
    if (answer?.kind !== 'listed') continue
    for (const listing of answer.listings) {
      const known = signs.get(listing.symbol) ?? { listing, list, about: new Set() }
      known.about.add(about)
      signs.set(listing.symbol, known)
    }
  }
  return weighed(
    [...signs.values()].map(({ listing, list, about }) => ({
      sign: signOf(listing, list),
      parameters: [...about],
    })),
  )
}

const signOf = ({ symbol, weight, why }: Listing, { of }: DnsList): Sign => ({
  symbol,
  weight,
  why,
  group: of === 'host' || of === 'place' || of === 'mailbox' ? 'names' : 'hosts',
})

/** For who looks again at what was heard. */
export const signsOfLists: readonly Sign[] = dnsLists.flatMap((list) =>
  list.listings.map((listing) => signOf(listing, list)),
)

function changed(lists: readonly DnsList[], changes: readonly DnsListChange[]): DnsList[] {
  return lists.flatMap((list) => {
    const change = changes.find(({ zone }) => zone === list.zone)
    if (!change) return [list]
    return change.askedAt === undefined ? [] : [{ ...list, zone: change.askedAt }]
  })
}
