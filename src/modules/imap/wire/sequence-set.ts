/** Numbers or uids as a client names them; `Infinity` is `*`, which is the largest in use. RFC 9051 §9. */
export type SequenceSet =
  | { readonly kind: 'ranges'; readonly ranges: readonly Range[] }
  /** `$`: what SEARCH RETURN (SAVE) kept. RFC 9051 §6.4.4.1. */
  | { readonly kind: 'saved' }

export interface Range {
  readonly first: number
  readonly last: number
}

const part = /^([1-9][0-9]{0,9}|\*)(?::([1-9][0-9]{0,9}|\*))?$/

export function sequenceSet(text: string): SequenceSet | undefined {
  const ranges: Range[] = []
  for (const piece of text.split(',')) {
    const [whole, from, to = from] = part.exec(piece) ?? []
    if (whole === undefined) return undefined
    const first = bound(from)
    const last = bound(to)
    if (Number.isNaN(first) || Number.isNaN(last)) return undefined
    // `4:2` is `2:4`: RFC 9051 §9 seq-range.
    ranges.push(first <= last ? { first, last } : { first: last, last: first })
  }
  return { kind: 'ranges', ranges }
}

function bound(text: string | undefined): number {
  if (text === '*') return Number.POSITIVE_INFINITY
  const value = Number(text)
  return value <= 0xffff_ffff ? value : Number.NaN
}

/** The ranges with `*` put in, ascending, apart from each other. `largest` is 0 where nothing is there. */
export function settle(ranges: readonly Range[], largest: number): Range[] {
  const fixed = ranges
    .map(({ first, last }) => {
      const from = first === Number.POSITIVE_INFINITY ? largest : first
      const to = last === Number.POSITIVE_INFINITY ? largest : last
      // `559:*` means the last message where all are below 559. RFC 9051 §9 seq-range.
      return from <= to ? { first: from, last: to } : { first: to, last: from }
    })
    .filter(({ last }) => last > 0)
    .sort((a, b) => a.first - b.first)
  const out: Range[] = []
  for (const range of fixed) {
    const before = out.at(-1)
    if (before && range.first <= before.last + 1) {
      out[out.length - 1] = { first: before.first, last: Math.max(before.last, range.last) }
    } else out.push(range)
  }
  return out
}

export function isWithin(ranges: readonly Range[], value: number): boolean {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ranges[middle]?.last ?? 0) < value) low = middle + 1
    else high = middle
  }
  const range = ranges[low]
  return range !== undefined && range.first <= value
}

export function formatRanges(ranges: readonly Range[]): string {
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}:${last}`)).join()
}

/** `[2,3,4,9]` as `2:4,9`; the order is kept, since COPYUID pairs two sets by position. RFC 4315 §3. */
export function formatSet(numbers: ArrayLike<number>): string {
  let out = ''
  for (let at = 0; at < numbers.length; ) {
    const first = numbers[at] ?? 0
    let end = at + 1
    while (end < numbers.length && numbers[end] === first + (end - at)) end++
    if (out !== '') out += ','
    out += end - at === 1 ? first : `${first}:${first + end - at - 1}`
    at = end
  }
  return out
}
