import type { Decoder } from './decoder.ts'
import type { Range, SequenceSet } from './sequence-set.ts'

export interface SelectArguments {
  readonly name: string
  readonly condstore: boolean
  readonly resync: ResyncArguments | undefined
}

/** What a client remembers of a mailbox. RFC 7162 §3.2.5. */
export interface ResyncArguments {
  readonly uidValidity: number
  readonly modSeq: number
  /** Uids that it knows; undefined is all of them. */
  readonly known: readonly Range[] | undefined
  /** Some numbers, and the uids that stood there; both ascend. RFC 7162 §3.2.5.2. */
  readonly match: { readonly numbers: readonly Range[]; readonly uids: readonly Range[] } | undefined
}

/** ` mailbox (CONDSTORE)`, ` mailbox (QRESYNC (67890007 20050715194045000 41:211 (1,2 41,45)))` */
export function selectArguments(d: Decoder): SelectArguments {
  const name = d.sp().mailbox()
  let condstore = false
  let resync: ResyncArguments | undefined
  if (d.trySp()) {
    d.list(() => {
      if (d.tryWord('CONDSTORE')) condstore = true
      else if (d.tryWord('QRESYNC')) resync = resyncArguments(d.sp())
      else d.fail('select-param')
    })
  }
  return { name, condstore, resync }
}

function resyncArguments(d: Decoder): ResyncArguments {
  const uidValidity = d.expect('(').nzNumber()
  const modSeq = d.sp().number64()
  const uids = d.peek() === ' ' && d.sp().peek() !== '(' ? knownSet(d) : undefined
  if (uids) d.trySp()
  const match = d.peek() === '(' ? matchData(d) : undefined
  d.expect(')')
  return { uidValidity, modSeq, known: uids, match }
}

function matchData(d: Decoder): ResyncArguments['match'] {
  d.expect('(')
  const numbers = known(d, d.offset, d.messageNumbers())
  const uids = knownSet(d.sp())
  d.expect(')')
  return { numbers, uids }
}

/** RFC 7162 §7: `*` is no number that a client knows. */
function knownSet(d: Decoder): readonly Range[] {
  return known(d, d.offset, d.sequenceSet())
}

function known(d: Decoder, at: number, set: SequenceSet): readonly Range[] {
  if (set.kind === 'saved' || set.ranges.some(({ last }) => last === Number.POSITIVE_INFINITY))
    d.fail('known set', at)
  return set.kind === 'ranges' ? set.ranges : []
}
