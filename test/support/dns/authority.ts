import { coversHash, hashName, readNsec3 } from '../../../src/modules/resolver/dnssec/nsec3.ts'
import { groupRecords } from '../../../src/modules/resolver/rr-set.ts'
import type { Rr } from '../../../src/modules/resolver/wire/message.ts'
import {
  below,
  compareNames,
  countLabels,
  isAtOrUnder,
  isUnder,
  lastLabels,
  type Name,
  nameToWire,
  parseName,
} from '../../../src/modules/resolver/wire/name.ts'
import { rrType } from '../../../src/modules/resolver/wire/types.ts'
import { cutsOf, type Zone } from './zone.ts'

export interface Response {
  rcode: number
  authoritative: boolean
  answer: Rr[]
  authority: Rr[]
  additional: Rr[]
}

/** What an honest name server says, RFC 1034 §4.3.2 with RFC 4035 §3.1 and RFC 5155 §7.2. */
export function respond(zones: readonly Zone[], name: Name, type: number): Response {
  const zone = zoneFor(zones, name, type)
  const empty = { authoritative: true, answer: [], authority: [], additional: [] }
  if (!zone) return { ...empty, rcode: 5, authoritative: false }
  return new Speaker(zone).respond(name, type)
}

function zoneFor(zones: readonly Zone[], name: Name, type: number): Zone | undefined {
  const mine = zones
    .filter((zone) => isAtOrUnder(name, zone.name))
    .sort((a, b) => countLabels(b.name) - countLabels(a.name))
  // DS lives above the cut.
  if (type === rrType.DS && mine.length > 1 && mine[0]?.name === name) return mine[1]
  return mine[0]
}

class Speaker {
  readonly #zone: Zone
  readonly #cuts: ReadonlySet<string>

  constructor(zone: Zone) {
    this.#zone = zone
    this.#cuts = cutsOf(zone.records, zone.name)
  }

  respond(name: Name, type: number): Response {
    const cut = [...this.#cuts].find(
      (each) => isAtOrUnder(name, each) && !(each === name && type === rrType.DS),
    )
    if (cut !== undefined) return this.#referral(cut)
    const dname = this.#zone.records.find((each) => each.type === rrType.DNAME && isUnder(name, each.name))
    if (dname) return this.#substituted(name, dname)
    if (this.#exists(name)) return this.#found(name, name, type)
    const encloser = this.#encloser(name)
    const wildcard = below('*', encloser)
    if (!this.#exists(wildcard))
      return this.#none(3, [...this.#noName(name, encloser), ...this.#covering(wildcard)])
    const found = this.#found(wildcard, name, type)
    // The proof that nothing is closer than the wildcard.
    return { ...found, authority: unique([...found.authority, ...this.#noCloser(name, encloser)]) }
  }

  #found(owner: Name, name: Name, type: number): Response {
    const sets = [this.#signed(owner, type), this.#signed(owner, rrType.CNAME)]
    const answer = (sets.find((set) => set.length > 0) ?? []).map((each) => ({ ...each, name }))
    if (answer.length > 0) return { rcode: 0, authoritative: true, answer, authority: [], additional: [] }
    return this.#none(0, this.#unsigned(owner))
  }

  #none(rcode: number, proofs: readonly Rr[]): Response {
    const authority = unique([...this.#signed(this.#zone.name, rrType.SOA), ...proofs])
    return { rcode, authoritative: true, answer: [], authority, additional: [] }
  }

  #substituted(name: Name, dname: Rr): Response {
    const target =
      parseName(
        Buffer.from(dname.data.subarray(1))
          .toString('latin1')
          .replace(/[\x00-\x1f]/g, '.'),
      ) ?? '.'
    const data = nameToWire(`${name.slice(0, name.length - dname.name.length - 1)}.${target}`)
    const answer = [
      ...this.#signed(dname.name, rrType.DNAME),
      { name, type: rrType.CNAME, class: 1, ttl: dname.ttl, data },
    ]
    return { rcode: 0, authoritative: true, answer, authority: [], additional: [] }
  }

  #referral(cut: Name): Response {
    const ns = this.#zone.records.filter((each) => each.name === cut && each.type === rrType.NS)
    const ds = this.#signed(cut, rrType.DS)
    const targets = new Set(ns.map(({ data }) => Buffer.from(data).toString('hex')))
    const additional = this.#zone.records.filter(
      (each) =>
        (each.type === rrType.A || each.type === rrType.AAAA) &&
        targets.has(nameToWire(each.name).toString('hex')),
    )
    return {
      rcode: 0,
      authoritative: false,
      answer: [],
      authority: [...ns, ...(ds.length > 0 ? ds : this.#unsigned(cut))],
      additional,
    }
  }

  #unsigned(cut: Name): Rr[] {
    const match = this.#matching(cut)
    return match.length > 0 ? match : this.#noCloser(cut, this.#encloser(cut))
  }

  #exists(name: Name): boolean {
    return this.#zone.records.some((each) => each.type !== rrType.NSEC3 && isAtOrUnder(each.name, name))
  }

  #encloser(name: Name): Name {
    let count = countLabels(name) - 1
    while (count > countLabels(this.#zone.name) && !this.#exists(lastLabels(name, count))) count--
    return lastLabels(name, count)
  }

  #signed(name: Name, type: number): Rr[] {
    const own = this.#zone.records.filter((each) => each.name === name)
    const signatures = own.filter(
      (each) => each.type === rrType.RRSIG && Buffer.from(each.data).readUInt16BE(0) === type,
    )
    const set = own.filter((each) => each.type === type)
    return set.length === 0 ? [] : [...set, ...signatures]
  }

  #noName(name: Name, encloser: Name): Rr[] {
    return this.#zone.hashing
      ? [...this.#matching(encloser), ...this.#noCloser(name, encloser)]
      : this.#covering(name)
  }

  #noCloser(name: Name, encloser: Name): Rr[] {
    if (!this.#zone.hashing) return this.#covering(name)
    return [...this.#matching(encloser), ...this.#covering(lastLabels(name, countLabels(encloser) + 1))]
  }

  #matching(name: Name): Rr[] {
    const { hashing, records } = this.#zone
    if (hashing) {
      const hash = hashName(name, hashing)
      return this.#hashed((owner) => owner === hash)
    }
    const own = this.#signed(name, rrType.NSEC)
    // An empty name has no NSEC of its own: the one before it says so.
    return own.length > 0 || records.every(({ type }) => type !== rrType.NSEC) ? own : this.#covering(name)
  }

  #covering(name: Name): Rr[] {
    const { hashing, records } = this.#zone
    if (hashing) {
      const hash = hashName(name, hashing)
      return this.#hashed((owner, next) => owner !== hash && coversHash({ owner, next }, hash))
    }
    const before = records
      .filter((each) => each.type === rrType.NSEC && compareNames(each.name, name) < 0)
      .sort((a, b) => compareNames(b.name, a.name))[0]
    return before ? this.#signed(before.name, rrType.NSEC) : []
  }

  #hashed(wanted: (owner: string, next: string) => boolean): Rr[] {
    const sets = groupRecords(this.#zone.records.filter((each) => each.type === rrType.NSEC3))
    const set = sets.find((each) => {
      const read = readNsec3(each, this.#zone.name)
      return read && wanted(read.owner, read.next)
    })
    return set ? this.#signed(set.name, rrType.NSEC3) : []
  }
}

function unique(records: readonly Rr[]): Rr[] {
  return [...new Set(records)]
}
