import { nextTurn } from '../../../platform/next-turn.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import type { Numbering } from '../selected/numbering.ts'
import type { Candidate, Condition } from './condition.ts'

/** With the most keys that fit into a command, some 0.1 s. */
const messagesAtOnce = 2000

interface Scanned {
  readonly hits: Uid[]
  /** Those about which the image alone does not tell. */
  readonly open: Candidate[]
}

/** Looks at every message the client counts and that is still there, and lets others have their turn in between. */
export async function scanImage(numbering: Numbering, fits: Condition): Promise<Scanned> {
  const scanned: Scanned = { hits: [], open: [] }
  const { image } = numbering
  let index = 0
  while (index < image.count) {
    const end = Math.min(index + messagesAtOnce, image.count)
    scanPiece(numbering, fits, index, end, scanned)
    if (end === image.count) break
    const last = image.uidAt(end - 1)
    await nextTurn()
    // Others may have expunged meanwhile: what comes next is found by its uid.
    index = image.rank(last + 1)
  }
  return scanned
}

function scanPiece(
  numbering: Numbering,
  fits: Condition,
  from: number,
  end: number,
  { hits, open }: Scanned,
): void {
  const { image } = numbering
  // One for all: most are forgotten at once.
  const looked = { uid: 0, number: 0, flags: 0, modSeq: 0 }
  for (let index = from; index < end; index++) {
    const uid = image.uidAt(index)
    const number = numbering.hasGhosts || numbering.hasArrivals ? numbering.numberOf(uid) : index + 1
    if (number === undefined) continue
    looked.uid = uid
    looked.number = number
    looked.flags = image.flagsAt(index)
    looked.modSeq = image.modSeqAt(index)
    const verdict = fits(looked)
    if (verdict) hits.push(uid)
    else if (verdict === undefined) open.push({ ...looked })
  }
}
