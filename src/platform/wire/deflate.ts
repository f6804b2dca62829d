import { Duplex } from 'node:stream'
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'

/**
 * Half of what zlib takes by itself (measured: 110 KiB for each client instead of 230, of which 64 are a table that cannot be made
 * smaller): with a window of 4 KiB, lists of messages are compressed nearly as well as with one of 32.
 */
const thrifty = { windowBits: 12, memLevel: 5, chunkSize: 8192 }

/** Raw deflate (RFC 1951) over another stream, in both directions. Each write goes out whole: the other side waits for it. */
export class DeflateStream extends Duplex {
  readonly #inner: Duplex
  readonly #deflate: DeflateRaw
  readonly #inflate: InflateRaw

  /** `early`: what was read of the inner stream already. */
  constructor(inner: Duplex, early: Uint8Array) {
    super({ allowHalfOpen: inner.allowHalfOpen })
    this.#inner = inner
    this.#deflate = createDeflateRaw(thrifty)
    // A connection may end anywhere; that is no fault of the data.
    this.#inflate = createInflateRaw({ chunkSize: 8192, finishFlush: constants.Z_SYNC_FLUSH })
    this.#deflate.on('data', (chunk: Buffer) => {
      if (inner.writable && !inner.write(chunk)) this.#deflate.pause()
    })
    inner.on('drain', () => this.#deflate.resume())
    this.#inflate.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) this.#inflate.pause()
    })
    this.#inflate.on('end', () => this.push(null))
    for (const each of [inner, this.#deflate, this.#inflate]) each.on('error', (error) => this.destroy(error))
    inner.on('close', () => {
      // What came before a proper end is still to be read.
      if (!inner.readableEnded) this.destroy()
      this.#deflate.resume()
    })
    if (early.length > 0) this.#inflate.write(early)
    inner.pipe(this.#inflate)
  }

  override _read(): void {
    this.#inflate.resume()
  }

  override _write(
    chunk: Uint8Array,
    _encoding: BufferEncoding,
    written: (error?: Error | null) => void,
  ): void {
    this.#deflate.write(chunk)
    this.#deflate.flush(constants.Z_SYNC_FLUSH, () => written())
  }

  override _writev(
    chunks: { chunk: Uint8Array; encoding: BufferEncoding }[],
    written: (error?: Error | null) => void,
  ): void {
    for (const { chunk } of chunks) this.#deflate.write(chunk)
    this.#deflate.flush(constants.Z_SYNC_FLUSH, () => written())
  }

  override _final(ended: (error?: Error | null) => void): void {
    // Not when all is taken, but when all is given on.
    this.#deflate.once('end', () => this.#inner.end(() => ended()))
    this.#deflate.end()
  }

  override _destroy(error: Error | null, destroyed: (error?: Error | null) => void): void {
    this.#deflate.destroy()
    this.#inflate.destroy()
    this.#inner.destroy()
    destroyed(error)
  }
}
