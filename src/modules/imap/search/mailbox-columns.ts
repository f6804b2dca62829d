import { nextTurn } from '../../../platform/next-turn.ts'
import type { ColumnName, ColumnValue } from '../../../ports/mail-columns.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import type { Opened } from '../access/opened.ts'
import type { SharedImage } from '../selected/image.ts'
import { lowerBound } from '../selected/search.ts'
import type { IdColumn, NumberColumn, RankColumn } from './columns.ts'
import type { TextColumn } from './text-column.ts'

/** Messages looked up one by one between two looks at the other clients. */
const picksPerTurn = 100

type Column = NumberColumn | TextColumn | RankColumn | IdColumn

/** Where one mailbox is read. */
export type ColumnSource = { column(...args: Parameters<Opened['column']>): ReturnType<Opened['column']> }

/**
 * What searches and sorts ask of all messages of one mailbox, in parallel arrays. A message never changes and its uid never comes
 * back, so what was read stays true: columns only grow, and a position, once given, stays. Messages that are gone keep theirs.
 */
export class MailboxColumns {
  #uids = new Uint32Array(0)
  #count = 0
  readonly #columns = new Map<string, Column>()
  #reading: Promise<void> = Promise.resolve()
  readonly #picked: boolean

  /** `picked`: of these alone, ascending, where few of many are asked about. */
  constructor(picked?: readonly Uid[]) {
    this.#picked = picked !== undefined
    if (!picked) return
    this.#uids = Uint32Array.from(picked)
    this.#count = picked.length
  }

  /** Ascending; by position. */
  get uids(): Uint32Array {
    return this.#uids.subarray(0, this.#count)
  }

  get octets(): number {
    let sum = this.#uids.byteLength + 64
    for (const column of this.#columns.values()) sum += column.octets
    return sum
  }

  /** Many of its messages are gone: better begun anew. */
  isWornFor(image: SharedImage): boolean {
    return this.#count > 4096 && this.#count > image.count * 2
  }

  /** Ascending like `uids`; those it does not know are left out. */
  positionsOf(uids: readonly Uid[]): Uint32Array {
    const positions = new Uint32Array(uids.length)
    let count = 0
    let at = lowerBound(this.#uids, uids[0] ?? 0, this.#count)
    for (const uid of uids) {
      while (at < this.#count && (this.#uids[at] ?? 0) < uid) at++
      if (this.#uids[at] === uid && at < this.#count) positions[count++] = at
    }
    return positions.subarray(0, count)
  }

  /** How many messages would have to be read before this column knows them all. */
  missingFor(key: string, image: SharedImage): number {
    const length = this.#columns.get(key)?.length ?? 0
    const behind = image.count - (this.#count === 0 ? 0 : image.rank((this.#uids[this.#count - 1] ?? 0) + 1))
    return this.#count - length + behind
  }

  /** Knows all messages of the image afterwards. One reads at a time; those who wait find it done. */
  async load<C extends Column>(
    source: ColumnSource,
    image: SharedImage,
    key: string,
    name: ColumnName,
    make: () => C,
  ): Promise<C> {
    const before = this.#reading
    const reading = before.then(() => this.#load(source, image, key, name, make))
    this.#reading = reading.then(
      () => undefined,
      () => undefined,
    )
    return await reading
  }

  async #load<C extends Column>(
    source: ColumnSource,
    image: SharedImage,
    key: string,
    name: ColumnName,
    make: () => C,
  ): Promise<C> {
    if (!this.#picked) this.#learnUids(image)
    const column = (this.#columns.get(key) as C | undefined) ?? make()
    this.#columns.set(key, column)
    await this.#fill(source, column, name)
    return column
  }

  #learnUids(image: SharedImage): void {
    const from = this.#count === 0 ? 0 : image.rank((this.#uids[this.#count - 1] ?? 0) + 1)
    const more = image.count - from
    if (more <= 0) return
    if (this.#count + more > this.#uids.length) {
      const grown = new Uint32Array(Math.ceil((this.#count + more) * (this.#count === 0 ? 1 : 1.25)))
      grown.set(this.#uids.subarray(0, this.#count))
      this.#uids = grown
    }
    for (let index = from; index < image.count; index++) this.#uids[this.#count++] = image.uidAt(index)
  }

  async #fill(source: ColumnSource, column: Column, name: ColumnName): Promise<void> {
    const end = this.#count
    if ('expect' in column) column.expect(end)
    for (let read = 1; column.length < end; read++) {
      const from = this.#uids[column.length] ?? 0
      const { uids, values } = await source.column(name, from, this.#picked ? 1 : undefined)
      this.#take(column, end, uids, values)
      if (!this.#picked || read % picksPerTurn === 0) await nextTurn()
    }
  }

  /** Both ascend. What is gone is filled with nothing; what is newer waits for its turn. */
  #take(column: Column, end: number, uids: readonly Uid[], values: readonly ColumnValue[]): void {
    for (const [index, uid] of uids.entries()) {
      while (column.length < end && (this.#uids[column.length] ?? 0) < uid) column.push(undefined)
      if (column.length === end) return
      if (this.#uids[column.length] === uid) column.push(values[index])
    }
    if (uids.length === 0) while (column.length < end) column.push(undefined)
  }
}
