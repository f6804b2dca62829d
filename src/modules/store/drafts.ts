import type { FileHandle } from 'node:fs/promises'
import { createMessageIndexer } from '../../lib/mime/indexer.ts'
import type { Blobs } from './blobs.ts'
import { type Compression, checksum, compress, frameBytes } from './codec.ts'

/** Up to here a message travels in memory and lives in its row. */
const inlineLimit = 128 * 1024
/** Headers up to here are kept apart from the rest, so that reading them touches one page. */
export const longestHead = 12 * 1024
/** Octets gathered before a write; a client waits while the write before is still running. */
const writeBytes = 512 * 1024

/** What the store must know of a spool file beside its name. */
export interface SpoolFacts {
  /** The header, where it is not longer than `longestHead`. */
  readonly head: Uint8Array | undefined
  readonly crc: number
  readonly frames: readonly number[] | undefined
}

/** A message that is still arriving. */
export class Draft {
  readonly #blobs: Blobs
  readonly #compression: Compression
  readonly #indexer = createMessageIndexer()
  #size = 0
  #crc = 0
  /** The first octets of what goes to a file. */
  #start = new Uint8Array()
  #chunks: Uint8Array[] = []
  #waiting = 0
  #file: { readonly spool: string; readonly handle: FileHandle } | undefined
  #writing: Promise<void> = Promise.resolve()
  readonly #frames: number[] = []

  constructor(blobs: Blobs, compression: Compression) {
    this.#blobs = blobs
    this.#compression = compression
  }

  /** Throws what the file system says. */
  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return
    this.#indexer.push(chunk)
    this.#chunks.push(chunk)
    this.#size += chunk.length
    this.#waiting += chunk.length
    if (!this.#file && this.#size <= inlineLimit) return
    const { file, spool } = this.#file
      ? { file: this.#file.handle, spool: this.#file.spool }
      : await this.#blobs.createSpool()
    if (!this.#file) {
      this.#file = { spool, handle: file }
      this.#start = joined(this.#chunks, this.#size).slice(0, longestHead)
    }
    const enough = this.#compression ? frameBytes : writeBytes
    while (this.#waiting >= enough) await this.#flush(file, this.#compression ? frameBytes : this.#waiting)
  }

  async seal() {
    const index = this.#indexer.end()
    const size = this.#size
    const file = this.#file
    if (!file) return { kind: 'inline', size, index, bytes: joined(this.#chunks, size) } as const
    while (this.#waiting > 0) {
      await this.#flush(file.handle, this.#compression ? Math.min(frameBytes, this.#waiting) : this.#waiting)
    }
    await this.#writing
    // The octets are on disk before anybody hears that they are; the name follows when it gets its place.
    await file.handle.datasync()
    // Nobody need wait for this, and a synced file cannot lose anything by it.
    file.handle.close().catch(() => undefined)
    const head = index.headerBytes <= longestHead ? this.#start.slice(0, index.headerBytes) : undefined
    const frames = this.#compression ? this.#frames : undefined
    return {
      kind: 'spooled',
      size,
      index,
      spool: file.spool,
      facts: { head, crc: this.#crc, frames },
    } as const
  }

  async discard(): Promise<void> {
    this.#chunks = []
    if (!this.#file) return
    await this.#writing.catch(() => undefined)
    await this.#file.handle.close().catch(() => undefined)
    await this.#blobs.removeSpool(this.#file.spool)
  }

  /** Hands the first `count` octets to the disk, one write at a time. */
  async #flush(file: FileHandle, count: number): Promise<void> {
    const chunks = this.#take(count)
    for (const chunk of chunks) this.#crc = checksum(chunk, this.#crc)
    await this.#writing
    this.#writing = this.#compression
      ? this.#writeFrame(file, chunks, count, this.#compression)
      : file.writev(chunks).then((result) => expectAll(result.bytesWritten, count))
    // Seen again where it is awaited; until then it must not look forgotten.
    this.#writing.catch(() => undefined)
  }

  async #writeFrame(
    file: FileHandle,
    chunks: Uint8Array[],
    count: number,
    level: { level: number },
  ): Promise<void> {
    const packed = await compress(joined(chunks, count), level)
    this.#frames.push(packed.length)
    await file.writeFile(packed)
  }

  #take(count: number): Uint8Array[] {
    const taken: Uint8Array[] = []
    let left = count
    this.#waiting -= count
    while (left > 0) {
      const chunk = this.#chunks.shift()
      if (!chunk) break
      if (chunk.length > left) this.#chunks.unshift(chunk.subarray(left))
      taken.push(chunk.length > left ? chunk.subarray(0, left) : chunk)
      left -= Math.min(chunk.length, left)
    }
    return taken
  }
}

function expectAll(written: number, count: number): void {
  // A short write without an error is how some file systems say that they are full.
  if (written !== count)
    throw Object.assign(new Error(`wrote ${written} of ${count} octets`), { code: 'ENOSPC' })
}

/** One buffer of exactly this size: what crosses to another thread takes its whole buffer along. */
function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = chunks
  if (chunks.length === 1 && first && first.byteLength === first.buffer.byteLength) return first
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
