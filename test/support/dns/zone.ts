import { hashName } from '../../../src/modules/resolver/dnssec/nsec3.ts'
import type { Rr } from '../../../src/modules/resolver/wire/message.ts'
import {
  compareNames,
  countLabels,
  isUnder,
  lastLabels,
  nameToWire,
} from '../../../src/modules/resolver/wire/name.ts'
import { rrType } from '../../../src/modules/resolver/wire/types.ts'
import { bitmap, nameOf, rr, toBase32Hex } from './records.ts'
import { keyRecord, type Period, signAll, type ZoneKey } from './signing.ts'

export interface Hashing {
  readonly iterations: number
  readonly salt: Uint8Array
  readonly optOut: boolean
}

export interface ZonePlan {
  readonly name: string
  /** Lines of a zone file; the SOA is made. */
  readonly lines: readonly string[]
  /** DS of zones below, and the like. */
  readonly records?: readonly Rr[]
  /** None: the zone is not signed. */
  readonly keys?: readonly ZoneKey[]
  readonly hashing?: Hashing
  readonly period: Period
}

export interface Zone {
  readonly name: string
  readonly records: readonly Rr[]
  readonly hashing: Hashing | undefined
}

const ttl = 3600

/** A whole zone with its signatures, and with proofs of what is not in it. */
export function makeZone(plan: ZonePlan): Zone {
  const { name, keys = [], hashing, period } = plan
  const dotted = name === '.' ? '.' : `${name}.`
  const own = [
    rr(
      `${dotted} ${ttl} SOA ns.${dotted === '.' ? '' : dotted} hostmaster.${dotted === '.' ? '' : dotted} 1 7200 3600 1209600 300`,
    ),
    ...plan.lines.map(rr),
    ...(plan.records ?? []),
    ...keys.map((key) => keyRecord(name, key)),
  ]
  if (keys.length === 0) return { name, records: own, hashing: undefined }
  const cuts = cutsOf(own, name)
  const authoritative = own.filter(
    (each) => !isGlue(each.name, cuts) && !(cuts.has(each.name) && each.type === rrType.NS),
  )
  const proofs = hashing ? hashedProofs(own, name, cuts, hashing) : plainProofs(own, name, cuts)
  const signed = [...authoritative, ...proofs]
  return { name, records: [...own, ...proofs, ...signAll(signed, name, keys, period)], hashing }
}

export function cutsOf(records: readonly Rr[], zone: string): ReadonlySet<string> {
  return new Set(
    records.filter(({ name, type }) => type === rrType.NS && name !== zone).map(({ name }) => name),
  )
}

function isGlue(name: string, cuts: ReadonlySet<string>): boolean {
  return [...cuts].some((cut) => isUnder(name, cut))
}

function typesAt(records: readonly Rr[], name: string, cuts: ReadonlySet<string>): number[] {
  const types = records.filter((each) => each.name === name).map(({ type }) => type)
  return cuts.has(name) ? types.filter((type) => type === rrType.NS || type === rrType.DS) : types
}

function plainProofs(records: readonly Rr[], zone: string, cuts: ReadonlySet<string>): Rr[] {
  const names = [...new Set(records.map(({ name }) => name))]
    .filter((name) => !isGlue(name, cuts))
    .sort(compareNames)
  return names.map((name, at) => {
    const types = [...typesAt(records, name, cuts), rrType.RRSIG, rrType.NSEC]
    const data = Buffer.concat([nameToWire(names[at + 1] ?? zone), bitmap(types)])
    return { name, type: rrType.NSEC, class: 1, ttl: 300, data }
  })
}

function hashedProofs(
  records: readonly Rr[],
  zone: string,
  cuts: ReadonlySet<string>,
  hashing: Hashing,
): Rr[] {
  const secureCuts = new Set(records.filter(({ type }) => type === rrType.DS).map(({ name }) => name))
  const own = [...new Set(records.map(({ name }) => name))]
    .filter((name) => !isGlue(name, cuts))
    .filter((name) => !(hashing.optOut && cuts.has(name) && !secureCuts.has(name)))
  const names = new Set(own)
  for (const name of own)
    for (let count = countLabels(name) - 1; count > countLabels(zone); count--)
      names.add(lastLabels(name, count))
  const entries = [...names]
    .map((name) => ({ name, hash: hashName(name, hashing) }))
    .sort((one, other) => (one.hash < other.hash ? -1 : 1))
  return entries.map(({ name, hash }, at) => {
    const next = entries[at + 1]?.hash ?? entries[0]?.hash ?? hash
    const types = typesAt(records, name, cuts)
    const isSigned = types.length > 0 && (!cuts.has(name) || secureCuts.has(name))
    const { salt } = hashing
    const data = Buffer.concat([
      Uint8Array.of(1, hashing.optOut ? 1 : 0, hashing.iterations >> 8, hashing.iterations & 255),
      Uint8Array.of(salt.length),
      salt,
      Uint8Array.of(20),
      Buffer.from(next, 'latin1'),
      bitmap([...types, ...(isSigned ? [rrType.RRSIG] : [])]),
    ])
    return { name: nameOf(hashedName(hash, zone)), type: rrType.NSEC3, class: 1, ttl: 300, data }
  })
}

function hashedName(hash: string, zone: string): string {
  const label = toBase32Hex(Buffer.from(hash, 'latin1'))
  return zone === '.' ? label : `${label}.${zone}`
}
