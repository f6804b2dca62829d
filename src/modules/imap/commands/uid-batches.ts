import type { SharedImage } from '../selected/image.ts'
import { tellArrivals } from '../selected/news.ts'
import type { Decoder } from '../wire/decoder.ts'
import { inMailbox } from './command.ts'
import { bad, done, no } from './replies.ts'

/** RFC 10022 §3.1: smaller ones would be no help to anybody. */
const smallestBatch = 500
/** Ranges in one response. */
const mostBatches = 50_000

interface Batches {
  readonly size: number
  /** The first is that of the newest messages. */
  readonly first: number
  readonly last: number
}

/** RFC 10022: ranges of uids, from the newest down, each with as many messages; together they cover all uids. */
export const uidBatches = inMailbox({
  needs: [],
  parse: (d): Batches => {
    const size = d.sp().nzNumber()
    return { size, ...(d.trySp() ? batchRange(d) : { first: 1, last: Number.POSITIVE_INFINITY }) }
  },
  run: ({ session, selected }, { size, first, last }) => {
    if (first > last) return bad('The range begins with the smaller number', 'CLIENTBUG')
    if (size < smallestBatch) return no('TOOFEW', `A batch has ${smallestBatch} messages at least`)
    tellArrivals(session, selected)
    const { image } = selected.numbering
    const end = Math.min(last, Math.ceil(image.count / size))
    if (end - first >= mostBatches) return no('TOOMANY', `At most ${mostBatches} batches at once`)
    const ranges: string[] = []
    for (let batch = first; batch <= end; batch++) ranges.push(rangeOf(image, size, batch))
    session.out.line(`* UIDBATCHES (TAG "${session.tag}")${ranges.length > 0 ? ` ${ranges.join()}` : ''}`)
    return done()
  },
})

/** `10:20` */
function batchRange(d: Decoder): Pick<Batches, 'first' | 'last'> {
  const first = d.nzNumber()
  return { first, last: d.expect(':').nzNumber() }
}

function rangeOf(image: SharedImage, size: number, batch: number): string {
  // Each begins right below the one before, so that no uid is in none of them.
  const high = batch === 1 ? image.lastUid : image.uidAt(image.count - (batch - 1) * size) - 1
  const lowest = image.count - batch * size
  return `${high}:${lowest > 0 ? image.uidAt(lowest) : 1}`
}
