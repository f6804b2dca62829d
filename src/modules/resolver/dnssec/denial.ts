import type { RrSet } from '../rr-set.ts'
import type { Name } from '../wire/name.ts'
import { rrType } from '../wire/types.ts'
import type { Work } from '../work.ts'
import { nsecDenial } from './nsec.ts'
import { nsec3Denial } from './nsec3.ts'
import type { Denial } from './proof.ts'

/** From sets whose signatures are good. */
export function denialFrom(sets: readonly RrSet[], zone: Name, work: Work): Denial {
  const plain = nsecDenial(
    sets.filter(({ type }) => type === rrType.NSEC),
    zone,
  )
  const hashed = nsec3Denial(
    sets.filter(({ type }) => type === rrType.NSEC3),
    zone,
    work,
  )
  return {
    noName: (name) => plain.noName(name) ?? hashed.noName(name),
    noData: (name, type) => plain.noData(name, type) ?? hashed.noData(name, type),
    nothingCloser: (name, labels) => plain.nothingCloser(name, labels) ?? hashed.nothingCloser(name, labels),
    noDs: (name) => plain.noDs(name) ?? hashed.noDs(name),
  }
}
