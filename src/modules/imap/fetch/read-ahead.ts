import type { MessageRow, Uid } from '../../../ports/mail-store.ts'
import type { Opened } from '../access/opened.ts'

/** Whole messages up to this size are read many at a time. */
const smallOctets = 256 * 1024
const readAheadOctets = 1024 * 1024

/** Where one mailbox is read. */
type BodySource = { bodies(...args: Parameters<Opened['bodies']>): ReturnType<Opened['bodies']> }

/** Whole small messages, read many at a time in the order they are asked for. What `take` gave is gone with the next `take`. */
export class ReadAhead {
  readonly #source: BodySource
  readonly #small: readonly MessageRow[]
  #next = 0
  #ready = new Map<Uid, Uint8Array>()
  #askedUpTo: Uid = 0

  /** The rows know their sizes and ascend. */
  constructor(source: BodySource, rows: readonly MessageRow[]) {
    this.#source = source
    this.#small = rows.filter(({ size = 0 }) => size <= smallOctets)
  }

  /** What is at hand without waiting. */
  taken({ uid }: MessageRow): Uint8Array | undefined {
    return this.#ready.get(uid)
  }

  /** Undefined for a large message, to be read piece by piece. */
  async take({ uid, size = 0 }: MessageRow): Promise<Uint8Array | 'gone' | undefined> {
    if (size > smallOctets) return undefined
    if (uid > this.#askedUpTo) await this.#read(uid)
    return this.#ready.get(uid) ?? 'gone'
  }

  async #read(first: Uid): Promise<void> {
    this.#giveBack()
    const uids = this.#fittingFrom(first)
    const bodies = await this.#source.bodies(uids, readAheadOctets)
    this.#ready = new Map(bodies.map(({ uid, bytes }) => [uid, bytes]))
    this.#askedUpTo = Math.max(first, bodies.at(-1)?.uid ?? 0)
  }

  /** As many as come to `readAheadOctets`; at least `first`. */
  #fittingFrom(first: Uid): Uid[] {
    while ((this.#small[this.#next]?.uid ?? first) < first) this.#next++
    const uids: Uid[] = []
    let left = readAheadOctets
    for (let at = this.#next; at < this.#small.length; at++) {
      const { uid = 0, size = 0 } = this.#small[at] ?? {}
      if (uids.length > 0 && size > left) break
      uids.push(uid)
      left -= size
    }
    return uids
  }

  /** What was taken has been used. Left to the collector, hundreds of megabytes a second would bring it on. */
  #giveBack(): void {
    for (const { buffer } of this.#ready.values()) {
      if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0)
    }
  }
}
