import { createHash } from 'node:crypto'
import type { RrSet } from '../rr-set.ts'
import { Cursor } from '../wire/cursor.ts'
import {
  below,
  countLabels,
  labelsOf,
  lastLabels,
  type Name,
  nameToWire,
  parentOf,
  root,
} from '../wire/name.ts'
import { rrType } from '../wire/types.ts'
import type { Work } from '../work.ts'
import type { Denial, Proof } from './proof.ts'
import { attempt, typesInBitmap } from './records.ts'
import { isDelegation, lacks } from './type-bits.ts'

/** RFC 9276 §3.2: beyond this many extra rounds a proof is not computed. */
const mostIterations = 50

/** RFC 5155 §3. Hashes are latin1 text, so that they compare as octets do. */
export interface Nsec3 {
  readonly owner: string
  readonly next: string
  readonly optOut: boolean
  readonly iterations: number
  readonly salt: Uint8Array
  readonly types: ReadonlySet<number>
}

/** Undefined also for unknown hashes and flags, RFC 5155 §8.1 and §8.2. */
export function readNsec3(set: RrSet, zone: Name): Nsec3 | undefined {
  return attempt(() => {
    const data = set.data[0] ?? new Uint8Array()
    const cursor = new Cursor(data)
    const [algorithm, flags, iterations] = [cursor.u8(), cursor.u8(), cursor.u16()]
    const salt = cursor.take(cursor.u8())
    const next = Buffer.from(cursor.take(cursor.u8())).toString('latin1')
    const owner = fromBase32Hex(labelsOf(set.name)[0] ?? '')
    if (algorithm !== 1 || flags > 1 || parentOf(set.name) !== zone || owner === undefined) return undefined
    if (owner.length !== 20 || next.length !== 20) return undefined
    const types = typesInBitmap(data.subarray(cursor.at))
    return { owner, next, optOut: flags === 1, iterations, salt, types }
  })
}

interface Closest {
  readonly encloser: Name
  readonly nextCloser: Nsec3
}

/** RFC 5155 §8. */
export function nsec3Denial(sets: readonly RrSet[], zone: Name, work: Work): Denial {
  const records = oneKind(sets.map((set) => readNsec3(set, zone)).filter((each) => each !== undefined))
  const [first] = records
  const hashes = new Map<Name, string | undefined>()
  const hashOf = (name: Name) => {
    if (!hashes.has(name)) hashes.set(name, first && work.spend('hashes') ? hashName(name, first) : undefined)
    return hashes.get(name)
  }
  const matching = (name: Name) => {
    const hash = hashOf(name)
    return hash === undefined ? undefined : records.find(({ owner }) => owner === hash)
  }
  const covering = (name: Name) => {
    const hash = hashOf(name)
    return hash === undefined ? undefined : records.find((each) => coversHash(each, hash))
  }

  /** RFC 5155 §8.3. */
  function closest(name: Name): Closest | undefined {
    for (let count = countLabels(name) - 1; count >= countLabels(zone); count--) {
      const encloser = lastLabels(name, count)
      const match = matching(encloser)
      if (!match) continue
      if (isDelegation(match.types) || match.types.has(rrType.DNAME)) return undefined
      const nextCloser = covering(lastLabels(name, count + 1))
      return nextCloser && { encloser, nextCloser }
    }
    return undefined
  }

  function noName(name: Name): Proof {
    const found = closest(name)
    if (!found || !covering(below('*', found.encloser))) return undefined
    return found.nextCloser.optOut ? 'opt-out' : 'proven'
  }

  function noData(name: Name, type: number): Proof {
    const match = matching(name)
    if (match) return lacks(match.types, type, name === root) ? 'proven' : undefined
    const found = closest(name)
    if (!found) return undefined
    const wildcard = matching(below('*', found.encloser))
    if (wildcard && !lacks(wildcard.types, type, false)) return undefined
    // RFC 5155 §8.6; for other types an empty name above unsigned delegations may have no record.
    if (found.nextCloser.optOut) return 'opt-out'
    return wildcard && 'proven'
  }

  const denial: Denial = {
    noName,
    noData,
    nothingCloser: (name, labels) => {
      const cover = covering(lastLabels(name, labels + 1))
      if (!cover) return undefined
      return cover.optOut ? 'opt-out' : 'proven'
    },
    noDs: (name) => {
      const match = matching(name)
      if (match && !lacks(match.types, rrType.DS, name === root)) return undefined
      if (match) return match.types.has(rrType.NS) ? 'unsigned-zone' : 'no-zone'
      const proof = noData(name, rrType.DS) ?? noName(name)
      if (proof === undefined) return undefined
      return proof === 'proven' ? 'no-zone' : 'unsigned-zone'
    },
  }
  return first && first.iterations > mostIterations ? tooManyRounds : denial
}

const tooManyRounds: Denial = {
  noName: () => 'too-many-rounds',
  noData: () => 'too-many-rounds',
  nothingCloser: () => 'too-many-rounds',
  noDs: () => 'unsigned-zone',
}

/** RFC 5155 §8.2: records that were hashed in another way than the first are left out. */
function oneKind(records: readonly Nsec3[]): readonly Nsec3[] {
  const [first] = records
  if (!first) return []
  return records.filter(
    ({ iterations, salt }) => iterations === first.iterations && Buffer.compare(salt, first.salt) === 0,
  )
}

export function coversHash({ owner, next }: Pick<Nsec3, 'owner' | 'next'>, hash: string): boolean {
  // The last one leads back to the first.
  return owner < next ? owner < hash && hash < next : owner < hash || hash < next
}

/** RFC 5155 §5. */
export function hashName(name: Name, { iterations, salt }: Pick<Nsec3, 'iterations' | 'salt'>): string {
  let digest = createHash('sha1').update(nameToWire(name)).update(salt).digest()
  for (let round = 0; round < iterations; round++)
    digest = createHash('sha1').update(digest).update(salt).digest()
  return digest.toString('latin1')
}

const base32Hex = '0123456789abcdefghijklmnopqrstuv'

/** RFC 4648 §7, without padding. */
function fromBase32Hex(text: string): string | undefined {
  let bits = 0
  let count = 0
  let octets = ''
  for (const letter of text) {
    const value = base32Hex.indexOf(letter)
    if (value < 0) return undefined
    bits = ((bits << 5) | value) & 0xfff
    count += 5
    if (count < 8) continue
    count -= 8
    octets += String.fromCharCode((bits >> count) & 255)
  }
  return octets
}
