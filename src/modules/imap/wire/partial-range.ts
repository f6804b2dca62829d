import type { Decoder } from './decoder.ts'

/** `1:500`, or `-1:-100` counted from the end. RFC 9394 §4. */
export interface PartialRange {
  /** 1 is the first, or where it counts from the end the last; not above `last`. */
  readonly first: number
  readonly last: number
  readonly fromEnd: boolean
  /** As the client wrote it. */
  readonly text: string
}

/** Behind `PARTIAL `. */
export function partialRange(d: Decoder): PartialRange {
  const fromEnd = d.tryChar('-')
  const one = d.nzNumber()
  d.expect(':')
  if (fromEnd) d.expect('-')
  const other = d.nzNumber()
  const sign = fromEnd ? '-' : ''
  return {
    // `500:400` is `400:500`.
    first: Math.min(one, other),
    last: Math.max(one, other),
    fromEnd,
    text: `${sign}${one}:${sign}${other}`,
  }
}

/** Those in the range that are there, in their order. */
export function partOf<T>(items: readonly T[], { first, last, fromEnd }: PartialRange): readonly T[] {
  if (!fromEnd) return items.slice(first - 1, last)
  return items.slice(Math.max(0, items.length - last), Math.max(0, items.length - first + 1))
}
