import { nextTurn } from '../../../platform/next-turn.ts'
import type { ModSeq, Uid } from '../../../ports/mail-store.ts'
import type { Opened } from '../access/opened.ts'
import type { ResyncArguments } from '../wire/select-arguments.ts'
import { formatRanges, formatSet, isWithin, type Range, settle } from '../wire/sequence-set.ts'
import type { Numbering } from './numbering.ts'

/** A few milliseconds. */
const uidsAtOnce = 10_000

interface Place {
  readonly at: Opened<'r'>
  readonly numbering: Numbering
}

interface Asked {
  readonly since: ModSeq
  /** Ascending, apart from each other. */
  readonly within: readonly Range[]
  /** Uids up to this one are known to be right. */
  readonly settledTo?: Uid
}

/**
 * Uids that went after `since`, as a set for VANISHED (EARLIER); '' where there are none. Where the change log does not reach back,
 * all that are not there: some of them the client never knew, which does no harm. RFC 7162 §3.2.5.1, §3.2.6.
 */
export async function vanishedSince(
  { at, numbering }: Place,
  { since, within, settledTo = 0 }: Asked,
): Promise<string> {
  const changes = await at.changesSince(since)
  switch (changes.kind) {
    case 'changes':
      return formatSet(await notCounted(numbering, within, changes.expunged))
    case 'too-old':
      return formatRanges(within.flatMap((range) => holesIn(numbering, range, settledTo)))
    case 'missing':
      return ''
  }
}

/** What is still counted is told when counting may change: as news. */
async function notCounted(
  numbering: Numbering,
  within: readonly Range[],
  expunged: readonly Uid[],
): Promise<Uid[]> {
  const gone: Uid[] = []
  for (let at = 0; at < expunged.length; at += uidsAtOnce) {
    if (at > 0) await nextTurn()
    for (const uid of expunged.slice(at, at + uidsAtOnce)) {
      if (isWithin(within, uid) && !numbering.holds(uid)) gone.push(uid)
    }
  }
  return gone
}

/** What is missing between the uids that were ever given. */
function holesIn(numbering: Numbering, { first, last }: Range, settledTo: Uid): Range[] {
  let next = Math.max(first, settledTo + 1)
  const end = Math.min(last, numbering.image.uidNext - 1)
  const holes: Range[] = []
  for (const uid of numbering.heldBetween(next, end)) {
    if (uid > next) holes.push({ first: next, last: uid - 1 })
    next = uid + 1
  }
  if (next <= end) holes.push({ first: next, last: end })
  return holes
}

/** What QRESYNC asks of a mailbox that is just opened. */
export function knownTo(numbering: Numbering, { modSeq, known, match }: ResyncArguments): Asked {
  const largest = numbering.image.uidNext - 1
  const within = known ? settle(known, largest) : [{ first: 1, last: largest }]
  return { since: modSeq, within, settledTo: match ? lastMatch(numbering, match) : 0 }
}

/** Up to a number that still stands for the same uid, the client and we count the same. RFC 7162 §3.2.5.2. */
function lastMatch(numbering: Numbering, { numbers, uids }: NonNullable<ResyncArguments['match']>): Uid {
  const pairs = each(uids)
  let matched = 0
  for (const number of each(numbers)) {
    const uid = pairs.next().value
    // What does not match shifted all that follow.
    if (uid === undefined || numbering.uidAt(number) !== uid) break
    matched = uid
  }
  return matched
}

function* each(ranges: readonly Range[]): Generator<number, undefined> {
  for (const { first, last } of ranges) {
    for (let value = first; value <= last; value++) yield value
  }
  return undefined
}
