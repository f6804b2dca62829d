import { fold, type Needle, withoutAccents } from '../../../lib/search/fold.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { ColumnValue } from '../../../ports/mail-columns.ts'
import { countUp } from './in-slices.ts'

/** Octets that are looked through in one go: a millisecond or two. */
const octetsAtOnce = 4 * 1024 * 1024
const enoughToTell = 1_000
/** Never part of UTF-8, so that nothing is found across two texts. */
const separator = 0xff

/** Folded texts of many messages, one behind the other, so that one pass over memory looks through all of them. */
export class TextColumn {
  readonly #keepsAccents: boolean
  #octets = Buffer.alloc(0)
  #used = 0
  #ends = new Uint32Array(0)
  #count = 0
  #expected = 0

  /** `exact`: the accents are kept, for needles that have some. */
  constructor(accents: 'exact' | 'plain') {
    this.#keepsAccents = accents === 'exact'
  }

  /** So many there will be, soon. */
  expect(count: number): void {
    this.#expected = count
  }

  get octets(): number {
    return this.#octets.length + this.#ends.byteLength
  }

  get length(): number {
    return this.#count
  }

  push(value: ColumnValue): void {
    const folded = fold(typeof value === 'string' ? value : '')
    const kept = this.#keepsAccents ? folded : withoutAccents(folded)
    this.#reserve(kept.length * 3 + 1)
    this.#used += this.#octets.write(kept, this.#used)
    this.#octets[this.#used++] = separator
    this.#ends[this.#count++] = this.#used
  }

  /** Positions of the texts that hold it, ascending. */
  async find(needle: Needle): Promise<Uint32Array> {
    const wanted = Buffer.from(needle.text)
    const found: number[] = []
    // A needle of nothing is in every text.
    if (wanted.length === 0) return countUp(this.#count)
    for (let position = 0; position < this.#count; ) {
      position = this.#findSome(wanted, position, found)
      if (position < this.#count) await nextTurn()
    }
    return Uint32Array.from(found)
  }

  /** Looks through the next few megabytes; where to go on. */
  #findSome(wanted: Buffer, first: number, found: number[]): number {
    const start = this.#startOf(first)
    const end = this.#positionAt(Math.min(start + octetsAtOnce, this.#used - 1), first) + 1
    const octets = this.#octets.subarray(0, this.#ends[end - 1])
    let position = first
    for (
      let at = octets.indexOf(wanted, start);
      at >= 0;
      at = octets.indexOf(wanted, this.#ends[position++])
    ) {
      position = this.#positionAt(at, position)
      found.push(position)
    }
    return end
  }

  #startOf(position: number): number {
    return position === 0 ? 0 : (this.#ends[position - 1] ?? 0)
  }

  /** Which text this octet is of; `from` is not behind it. */
  #positionAt(octet: number, from: number): number {
    let low = from
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ends[middle] ?? 0) <= octet) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Octets of all that are expected, where those that came tell: growing a little at a time copies all of them again and again. */
  #estimate(): number {
    if (this.#count < enoughToTell) return 0
    return Math.ceil((this.#used / this.#count) * this.#expected * 1.05)
  }

  #reserve(more: number): void {
    if (this.#used + more > this.#octets.length) {
      const needed = Math.ceil((this.#used + more) * 1.25) + 1024
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#estimate()))
      this.#octets.copy(grown, 0, 0, this.#used)
      this.#octets = grown
    }
    if (this.#count === this.#ends.length) {
      const grown = new Uint32Array(Math.max(Math.ceil(this.#count * 1.25) + 256, this.#expected))
      grown.set(this.#ends)
      this.#ends = grown
    }
  }
}
