import { LRUCache } from 'lru-cache'
import type { Clock } from '../../ports/runtime.ts'
import { denialFrom } from './dnssec/denial.ts'
import { readNsec } from './dnssec/nsec.ts'
import { hashName, type Nsec3, readNsec3 } from './dnssec/nsec3.ts'
import type { RrSet } from './rr-set.ts'
import { below, compareNames, countLabels, lastLabels, type Name, parentOf, root } from './wire/name.ts'
import { rrType } from './wire/types.ts'
import type { Work } from './work.ts'

/** A signed statement that nothing is between two names, or two hashes of names. */
interface Span {
  readonly from: string
  readonly set: RrSet
  readonly until: number
}

interface ZoneSpans {
  soa: RrSet | undefined
  readonly plain: Span[]
  readonly hashed: Span[]
  salted: Nsec3 | undefined
}

const mostZones = 200
const mostSpans = 1000
/** RFC 8198 §5.4: not for longer than other negative answers. */
const longestMs = 3 * 3600_000

export interface Absence {
  readonly found: 'no-data' | 'no-name'
  readonly signer: Name
  readonly authority: readonly RrSet[]
  /** UTC milliseconds. */
  readonly until: number
}

/** Answers "there is none" from proofs that were given for other names: RFC 8198. */
export class Spans {
  readonly #zones = new LRUCache<Name, ZoneSpans>({ max: mostZones })
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `sets` have good signatures of `zone`. */
  learn(zone: Name, sets: readonly RrSet[], soa: RrSet | undefined, ttl: number): void {
    const known = this.#zones.get(zone) ?? { soa, plain: [], hashed: [], salted: undefined }
    known.soa = soa ?? known.soa
    const until = this.#clock.now() + Math.min(ttl * 1000, longestMs)
    for (const set of sets) {
      if (set.type === rrType.NSEC) insert(known.plain, { from: set.name, set, until }, compareNames)
      const hashed = set.type === rrType.NSEC3 ? readNsec3(set, zone) : undefined
      if (hashed && !hashed.optOut) this.#learnHashed(known, hashed, set, until)
    }
    this.#zones.set(zone, known)
  }

  #learnHashed(known: ZoneSpans, hashed: Nsec3, set: RrSet, until: number): void {
    const { salted } = known
    const same = salted?.iterations === hashed.iterations && Buffer.compare(salted.salt, hashed.salt) === 0
    if (!same) known.hashed.length = 0
    known.salted = hashed
    insert(known.hashed, { from: hashed.owner, set, until }, compareText)
  }

  find(name: Name, type: number, work: Work): Absence | undefined {
    if (this.#zones.size === 0) return undefined
    for (let zone = type === rrType.DS ? parentOf(name) : name; ; zone = parentOf(zone)) {
      const known = this.#zones.get(zone)
      const absence = known && this.#absence(known, zone, name, type, work)
      if (absence || known || zone === root) return absence
    }
  }

  #absence(known: ZoneSpans, zone: Name, name: Name, type: number, work: Work): Absence | undefined {
    const spans = [...plainSpans(known.plain, name), ...hashedSpans(known, zone, name)]
    const now = this.#clock.now()
    if (spans.length === 0 || !known.soa || spans.some(({ until }) => until <= now)) return undefined
    const sets = [...new Set(spans.map(({ set }) => set))]
    const denial = denialFrom(sets, zone, work)
    const noName = denial.noName(name) === 'proven'
    if (!noName && denial.noData(name, type) !== 'proven') return undefined
    const until = Math.min(...spans.map((span) => span.until))
    return { found: noName ? 'no-name' : 'no-data', signer: zone, authority: [known.soa, ...sets], until }
  }
}

/** What covers the name, and what covers the wildcard that would answer for it. */
function plainSpans(spans: readonly Span[], name: Name): Span[] {
  const own = floor(spans, name, compareNames)
  const nsec = own && readNsec(own.set)
  if (!own || !nsec) return []
  for (let count = countLabels(name) - 1; count >= 0; count--) {
    const encloser = lastLabels(name, count)
    const isShared = [nsec.owner, nsec.next].some(
      (each) => lastLabels(each, count) === encloser && countLabels(each) >= count,
    )
    if (!isShared) continue
    const wild = floor(spans, below('*', encloser), compareNames)
    return wild ? [own, wild] : [own]
  }
  return [own]
}

/** For each name from this one up to the zone, and the wildcard below the first that is known to be there. */
function hashedSpans({ hashed, salted }: ZoneSpans, zone: Name, name: Name): Span[] {
  const found: Span[] = []
  // Hashing is dear, and a name this deep was made up.
  if (!salted || hashed.length === 0 || countLabels(name) > countLabels(zone) + 8) return found
  for (let count = countLabels(name); count >= countLabels(zone); count--) {
    const each = lastLabels(name, count)
    const hash = hashName(each, salted)
    const span = floor(hashed, hash, compareText) ?? hashed.at(-1)
    if (span) found.push(span)
    if (span?.from !== hash) continue
    const wild = hashName(below('*', each), salted)
    const cover = floor(hashed, wild, compareText) ?? hashed.at(-1)
    return cover ? [...found, cover] : found
  }
  return found
}

type Compare = (left: string, right: string) => number

const compareText: Compare = (left, right) => {
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** Index of the first that is not before `from`. */
function place(spans: readonly Span[], from: string, compare: Compare): number {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(spans[middle]?.from ?? '', from) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function floor(spans: readonly Span[], from: string, compare: Compare): Span | undefined {
  const at = place(spans, from, compare)
  return spans[at]?.from === from ? spans[at] : spans[at - 1]
}

function insert(spans: Span[], span: Span, compare: Compare): void {
  const at = place(spans, span.from, compare)
  if (spans[at]?.from === span.from) spans[at] = span
  else if (spans.length < mostSpans) spans.splice(at, 0, span)
  else spans.splice(Math.min(at, spans.length - 1), 1, span)
}
