import { nextTurn } from '../../../platform/next-turn.ts'

/** Elements that are sorted in one go. */
const runOf = 1024
/** Comparisons, or as much other work, between two looks at the other clients: about a millisecond. */
export const workPerTurn = 16_384

export type Compare = (a: number, b: number) => number

/** `first`, and those behind it. `from` an array-like would take ten times as long. */
export function countUp(count: number, first = 0): Uint32Array {
  const numbers = new Uint32Array(count)
  for (let index = 0; index < count; index++) numbers[index] = first + index
  return numbers
}

/** What stands at these positions. */
export function pick(values: ArrayLike<number>, positions: Uint32Array): Float64Array {
  const picked = new Float64Array(positions.length)
  for (let index = 0; index < positions.length; index++) picked[index] = values[positions[index] ?? 0] ?? 0
  return picked
}

/** Sorts without keeping the thread; stable. Works in `items`, or in an array of its own which it returns. */
export async function sortInSlices(items: Uint32Array, compare: Compare): Promise<Uint32Array> {
  if (items.length <= runOf) return items.sort(compare)
  for (let from = 0; from < items.length; from += runOf) {
    items.subarray(from, from + runOf).sort(compare)
    await nextTurn()
  }
  let sorted = items
  let spare: Uint32Array = new Uint32Array(items.length)
  for (let width = runOf; width < items.length; width *= 2) {
    await mergePairs(sorted, spare, width, compare)
    ;[sorted, spare] = [spare, sorted]
  }
  return sorted
}

/** Merges each two neighbouring sorted runs of `width` elements. */
async function mergePairs(
  from: Uint32Array,
  to: Uint32Array,
  width: number,
  compare: Compare,
): Promise<void> {
  for (let start = 0; start < from.length; start += width * 2) {
    const merge: Merge = {
      from,
      to,
      left: start,
      leftEnd: Math.min(start + width, from.length),
      right: Math.min(start + width, from.length),
      rightEnd: Math.min(start + width * 2, from.length),
      at: start,
    }
    do mergeSome(merge, compare)
    while (merge.at < merge.rightEnd && (await nextTurn()) === undefined)
    if ((start / (width * 2)) % 8 === 7) await nextTurn()
  }
}

interface Merge {
  readonly from: Uint32Array
  readonly to: Uint32Array
  left: number
  readonly leftEnd: number
  right: number
  readonly rightEnd: number
  at: number
}

function mergeSome(merge: Merge, compare: Compare): void {
  const { from, to, leftEnd, rightEnd } = merge
  let { left, right, at } = merge
  const stop = Math.min(at + workPerTurn, rightEnd)
  while (at < stop) {
    const takesLeft = left < leftEnd && (right >= rightEnd || compare(from[left] ?? 0, from[right] ?? 0) <= 0)
    to[at++] = (takesLeft ? from[left++] : from[right++]) ?? 0
  }
  merge.left = left
  merge.right = right
  merge.at = at
}
