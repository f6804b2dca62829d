import type { RrSet } from '../rr-set.ts'
import { Cursor } from '../wire/cursor.ts'
import {
  below,
  compareNames,
  countLabels,
  isAtOrUnder,
  isUnder,
  lastLabels,
  type Name,
  root,
  sharedAncestor,
} from '../wire/name.ts'
import { rrType } from '../wire/types.ts'
import type { Denial, Proof } from './proof.ts'
import { attempt, typesInBitmap } from './records.ts'
import { isDelegation, lacks } from './type-bits.ts'

/** RFC 4034 §4: from `owner` to `next` there is nothing. */
export interface Nsec {
  readonly owner: Name
  readonly next: Name
  readonly types: ReadonlySet<number>
}

export function readNsec(set: RrSet): Nsec | undefined {
  return attempt(() => {
    const data = set.data[0] ?? new Uint8Array()
    const cursor = new Cursor(data)
    const next = cursor.name()
    return { owner: set.name, next, types: typesInBitmap(data.subarray(cursor.at)) }
  })
}

/** RFC 4035 §5.4. */
export function nsecDenial(sets: readonly RrSet[], zone: Name): Denial {
  const records = sets
    .map(readNsec)
    .filter((each) => each !== undefined)
    .filter(({ owner, next }) => isAtOrUnder(owner, zone) && isAtOrUnder(next, zone))
  const matching = (name: Name) => records.find(({ owner }) => owner === name)
  const covering = (name: Name) => records.find((each) => covers(each, name, zone))
  /** Covered, and so is the closest name above it known. */
  const gapAt = (name: Name) => {
    const gap = covering(name)
    if (!gap || isUnder(gap.next, name)) return undefined // an empty name is a name
    const byOwner = sharedAncestor(name, gap.owner)
    const byNext = sharedAncestor(name, gap.next)
    return { encloser: countLabels(byOwner) > countLabels(byNext) ? byOwner : byNext }
  }

  function noName(name: Name): Proof {
    const gap = gapAt(name)
    return gap && covering(below('*', gap.encloser)) ? 'proven' : undefined
  }

  function noData(name: Name, type: number): Proof {
    const match = matching(name)
    if (match) return lacks(match.types, type, name === root) ? 'proven' : undefined
    const cover = covering(name)
    if (cover && isUnder(cover.next, name)) return 'proven' // RFC 4035 §3.1.3.2: an empty non-terminal
    const gap = gapAt(name)
    const wildcard = gap && matching(below('*', gap.encloser))
    return wildcard && lacks(wildcard.types, type, false) ? 'proven' : undefined
  }

  return {
    noName,
    noData,
    nothingCloser: (name, labels) => {
      const gap = gapAt(name)
      return gap && gap.encloser === lastLabels(name, labels) ? 'proven' : undefined
    },
    noDs: (name) => {
      const match = matching(name)
      if (match && lacks(match.types, rrType.DS, name === root))
        return match.types.has(rrType.NS) ? 'unsigned-zone' : 'no-zone'
      if (match) return undefined
      return noData(name, rrType.DS) || noName(name) ? 'no-zone' : undefined
    },
  }
}

/** Strictly between owner and next; the last of a zone leads back to its apex. */
function covers({ owner, next, types }: Nsec, name: Name, zone: Name): boolean {
  if (!isAtOrUnder(name, zone) || compareNames(owner, name) >= 0) return false
  if (next !== zone && compareNames(name, next) >= 0) return false
  // RFC 6840 §4.1: below a delegation or a DNAME this zone has no say.
  return !(isUnder(name, owner) && (isDelegation(types) || types.has(rrType.DNAME)))
}
