import type { Writable } from 'node:stream'
import { chunkOctets, giveChunkBack, takeChunk } from './chunks.ts'

/** Longer ones are not worth a copy: they go out as they are. */
const mostCopied = 256 * 1024
/** What may wait in the stream's own buffer before we wait for the client. */
const mostBuffered = 512 * 1024

/**
 * What the server says, gathered into large writes. Text is one character per octet. `ready` is where a fast server waits for
 * a slow client: call it between responses.
 */
export class Output {
  readonly #stream: Writable
  #text = ''
  #chunk: Buffer | undefined
  #used = 0
  #last = '\r\n'
  #gone = false
  #wake: (() => void) | undefined
  /** Since when a write waits for the client to read; undefined while it keeps up. */
  blockedSince: number | undefined

  constructor(stream: Writable) {
    this.#stream = stream
    stream.on('drain', this.#onDrain).on('close', this.#onGone).on('error', this.#onGone)
  }

  detach(): void {
    this.#stream.off('drain', this.#onDrain).off('close', this.#onGone).off('error', this.#onGone)
    this.#onGone()
  }

  get gone(): boolean {
    return this.#gone
  }

  /** Something was begun that is not at its end: nothing else can be said now. */
  get inResponse(): boolean {
    return !this.#last.endsWith('\r\n')
  }

  line(text: string): void {
    this.text(`${text}\r\n`)
  }

  text(text: string): void {
    this.#text += text
    this.#last = text
    if (this.#text.length >= chunkOctets) this.#gather()
  }

  /** Up to `mostCopied` octets are the caller's again at once; longer ones are not to be written to afterwards. */
  bytes(bytes: Uint8Array): void {
    this.#last = ''
    this.#gather()
    if (bytes.length > mostCopied) {
      this.#send()
      this.#write(bytes)
      return
    }
    for (let from = 0; from < bytes.length; ) {
      const { chunk, room } = this.#place()
      const piece = from === 0 && bytes.length <= room ? bytes : bytes.subarray(from, from + room)
      chunk.set(piece, this.#used)
      this.#used += piece.length
      from += piece.length
    }
  }

  /** Gives everything to the network; does not wait. */
  flush(): void {
    if (this.#text !== '' && this.#used === 0) {
      const text = this.#text
      this.#text = ''
      this.#write(text)
      return
    }
    this.#gather()
    this.#send()
  }

  /** Time to wait for `ready`. */
  get full(): boolean {
    return this.#stream.writableLength >= mostBuffered
  }

  /** Resolves when the client has read enough for more to be written. `now` is for whoever watches the time. */
  async ready(now: number): Promise<void> {
    if (!this.full || this.#gone) return
    this.blockedSince = now
    await new Promise<void>((resolve) => (this.#wake = resolve))
    this.blockedSince = undefined
  }

  /** True while the client has not read what was said before: leave out what can be said later. */
  get behind(): boolean {
    return this.#stream.writableLength >= chunkOctets
  }

  #gather(): void {
    let text = this.#text
    if (text === '') return
    this.#text = ''
    while (text !== '') {
      const { chunk, room } = this.#place()
      chunk.write(text, this.#used, 'latin1')
      this.#used += Math.min(text.length, room)
      text = text.slice(room)
    }
  }

  /** Where the next octets go: at least one fits. */
  #place(): { chunk: Buffer; room: number } {
    if (this.#used === chunkOctets) this.#send()
    this.#chunk ??= takeChunk()
    return { chunk: this.#chunk, room: chunkOctets - this.#used }
  }

  #send(): void {
    const chunk = this.#chunk
    if (!chunk || this.#used === 0) return
    this.#chunk = undefined
    const used = this.#used
    this.#used = 0
    this.#write(chunk.subarray(0, used), (error) => {
      // Of a connection that broke, nobody knows who still reads it.
      if (!error) giveChunkBack(chunk)
    })
  }

  #write(data: string | Uint8Array, written?: (error: Error | null | undefined) => void): void {
    if (this.#gone || !this.#stream.writable) return
    if (typeof data === 'string') this.#stream.write(data, 'latin1')
    else this.#stream.write(data, written)
  }

  readonly #onDrain = (): void => {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  readonly #onGone = (): void => {
    this.#gone = true
    this.#onDrain()
  }
}
