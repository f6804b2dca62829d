import type { Uid } from '../../../ports/mail-store.ts'
import type { Selected } from '../session/session.ts'
import { type SequenceSet, settle } from '../wire/sequence-set.ts'

/** Whether a set counts messages or names uids. */
export type Naming = 'number' | 'uid'

/**
 * The uids a set names, ascending. By uid that includes messages the client was not told about yet (`UID FETCH n:*` finds
 * what just came) and silently leaves out what is not there; by number it includes what is gone but still counted.
 */
export function resolveSet({ numbering, saved }: Selected, set: SequenceSet, naming: Naming): readonly Uid[] {
  if (set.kind === 'saved') return saved
  // One array for all: a million is a few milliseconds.
  const uids: Uid[] = []
  if (naming === 'number') {
    for (const { first, last } of settle(set.ranges, numbering.count)) {
      numbering.uidsBetweenNumbers(first, last, uids)
    }
  } else {
    for (const { first, last } of settle(set.ranges, numbering.lastUid))
      numbering.uidsBetween(first, last, uids)
  }
  return uids
}

/** Numbers above EXISTS, which no client can mean (RFC 9051 §9 seq-number). `7:*` passes: it means the last one at least. */
export function exceeds({ numbering }: Selected, set: SequenceSet): boolean {
  if (set.kind === 'saved') return false
  return set.ranges.some(({ last }) => last !== Number.POSITIVE_INFINITY && last > numbering.count)
}
