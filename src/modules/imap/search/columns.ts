import { nextTurn } from '../../../platform/next-turn.ts'
import type { ColumnValue } from '../../../ports/mail-columns.ts'
import { casemap } from './casemap.ts'
import { countUp, sortInSlices, workPerTurn } from './in-slices.ts'

/** Octets of a JavaScript string beside its letters. */
const stringOverhead = 16

/** Numbers by position; NaN where the message does not tell. */
export class NumberColumn {
  #values = new Float64Array(0)
  #count = 0
  #expected = 0

  /** So many there will be, soon. */
  expect(count: number): void {
    this.#expected = count
  }

  get octets(): number {
    return this.#values.byteLength
  }

  get length(): number {
    return this.#count
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.#count)
  }

  push(value: ColumnValue): void {
    if (this.#count === this.#values.length) this.#values = grown(this.#values, Float64Array, this.#expected)
    this.#values[this.#count++] = typeof value === 'number' ? value : Number.NaN
  }
}

/** Keys of Message-IDs by position: each message's own first, then those above it. */
export class IdColumn {
  #keys = new Float64Array(0)
  #used = 0
  #ends = new Uint32Array(0)
  #count = 0

  get octets(): number {
    return this.#keys.byteLength + this.#ends.byteLength
  }

  get length(): number {
    return this.#count
  }

  at(position: number): Float64Array {
    return this.#keys.subarray(position === 0 ? 0 : this.#ends[position - 1], this.#ends[position])
  }

  push(value: ColumnValue): void {
    for (const key of Array.isArray(value) ? (value as readonly number[]) : []) {
      if (this.#used === this.#keys.length) this.#keys = grown(this.#keys, Float64Array)
      this.#keys[this.#used++] = key
    }
    if (this.#count === this.#ends.length) this.#ends = grown(this.#ends, Uint32Array)
    this.#ends[this.#count++] = this.#used
  }
}

/** Texts by position, and the rank each has among them: equal texts have the same. RFC 5051 order. */
export class RankColumn {
  readonly #keys: string[] = []
  #order: Uint32Array = new Uint32Array(0)
  #ranks: Uint32Array = new Uint32Array(0)
  #letters = 0
  #ranking: Promise<Uint32Array> | undefined

  get octets(): number {
    return (
      this.#letters + this.#keys.length * stringOverhead + this.#order.byteLength + this.#ranks.byteLength
    )
  }

  get length(): number {
    return this.#keys.length
  }

  push(value: ColumnValue): void {
    const key = casemap(typeof value === 'string' ? value : '')
    this.#keys.push(key)
    this.#letters += key.length
  }

  isEmptyAt(position: number): boolean {
    return this.#keys[position] === ''
  }

  /** By position. Stays true for who has it when more come. */
  async ranks(): Promise<Uint32Array> {
    while (this.#ranking !== undefined) await this.#ranking
    if (this.#ranks.length === this.#keys.length) return this.#ranks
    this.#ranking = this.#rank()
    try {
      return await this.#ranking
    } finally {
      this.#ranking = undefined
    }
  }

  async #rank(): Promise<Uint32Array> {
    const keys = this.#keys
    const count = keys.length
    const compare = (a: number, b: number) => {
      const [left = '', right = ''] = [keys[a], keys[b]]
      if (left === right) return a - b
      return left < right ? -1 : 1
    }
    const known = this.#order.length
    const fresh = await sortInSlices(countUp(count - known, known), compare)
    const order = known === 0 ? fresh : await merged(this.#order, fresh, compare)
    this.#ranks = await this.#ranksOf(order)
    this.#order = order
    return this.#ranks
  }

  async #ranksOf(order: Uint32Array): Promise<Uint32Array> {
    const ranks = new Uint32Array(order.length)
    let rank = 0
    for (let at = 0; at < order.length; at++) {
      const position = order[at] ?? 0
      if (at > 0 && this.#keys[position] !== this.#keys[order[at - 1] ?? 0]) rank++
      ranks[position] = rank
      if (at % workPerTurn === workPerTurn - 1) await nextTurn()
    }
    return ranks
  }
}

async function merged(
  left: Uint32Array,
  right: Uint32Array,
  compare: (a: number, b: number) => number,
): Promise<Uint32Array> {
  const out = new Uint32Array(left.length + right.length)
  let from = 0
  let other = 0
  for (let at = 0; at < out.length; at++) {
    const takesLeft =
      from < left.length && (other >= right.length || compare(left[from] ?? 0, right[other] ?? 0) <= 0)
    out[at] = (takesLeft ? left[from++] : right[other++]) ?? 0
    if (at % workPerTurn === workPerTurn - 1) await nextTurn()
  }
  return out
}

function grown<T extends Float64Array | Uint32Array>(
  old: T,
  Kind: new (length: number) => T,
  expected = 0,
): T {
  const larger = new Kind(Math.max(Math.ceil(old.length * 1.25) + 256, expected))
  larger.set(old)
  return larger
}
