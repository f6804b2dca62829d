import type { Duplex } from 'node:stream'

/** Told when the wait for the client begins and ends, and what came. */
export interface Waiting {
  waits(): void
  goesOn(): void
  received(octets: number): void
}

export type Line = { readonly kind: 'line'; readonly bytes: Buffer } | { readonly kind: 'too-long' }

const lf = 0x0a
const cr = 0x0d
/** What one client may have sent ahead before we stop reading. */
const readAheadOctets = 256 * 1024
/** What a chunk costs beside its octets: a client may send them one by one. */
const chunkOctets = 256

/** The client's octets, as lines or as they come. Only CRLF ends a line, unless a bare LF is said to do no harm. */
export class Input {
  readonly #stream: Duplex
  readonly #waiting: Waiting
  readonly #lineEnd: (bytes: Buffer) => LineEnd | undefined
  #chunks: Buffer[] = []
  #held = 0
  #hasNews = false
  #ended = false
  #skippingLine = false
  #wake: ((open: boolean) => void) | undefined

  constructor(stream: Duplex, waiting: Waiting, lines: 'crlf' | 'crlf-or-lf' = 'crlf') {
    this.#stream = stream
    this.#waiting = waiting
    this.#lineEnd = lines === 'crlf' ? endByCrlf : endByLf
    stream.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onEnd).on('error', this.#onEnd)
  }

  /** The next whole line without its CRLF; undefined when `more` must be waited for. */
  takeLine(limit: number): Line | undefined {
    for (;;) {
      const head = this.#chunks[0]
      if (!head) return this.#nothing()
      const end = this.#lineEnd(head)
      if (end) {
        this.#consume(head, end.next)
        if (!this.#skippingLine && end.at <= limit) return { kind: 'line', bytes: head.subarray(0, end.at) }
        this.#skippingLine = false
        return { kind: 'too-long' }
      }
      if (head.length > limit + 1) {
        // Its last octet may be the CR that ends it.
        this.#skippingLine = true
        this.#consume(head, head.length - 1)
      }
      if (!this.#mergeHead()) return this.#nothing()
    }
  }

  /** At most `limit` octets, whatever is at hand; undefined when `more` must be waited for. */
  takeChunk(limit: number): Buffer | undefined {
    const head = this.#chunks[0]
    if (!head) return this.#nothing()
    const size = Math.min(head.length, limit)
    this.#consume(head, size)
    return size === head.length ? head : head.subarray(0, size)
  }

  /** The other end of `takeChunk`: what did not belong to the message. */
  giveBack(rest: Buffer): void {
    if (rest.length === 0) return
    this.#chunks.unshift(rest)
    this.#held += rest.length
    this.#hasNews = true
  }

  /** Resolves with true when something came since the last take that gave nothing, with false when nothing will. */
  more(): Promise<boolean> | boolean {
    if (this.#hasNews) return true
    if (this.#ended) return false
    this.#stream.resume()
    this.#waiting.waits()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** All that is at hand: the stream changes hands, and nothing of it is to be lost. */
  takeRest(): Buffer {
    const rest = Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#held = 0
    return rest
  }

  get hasUnread(): boolean {
    return this.#held > 0
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Stops listening and forgets what is unread: the stream changes hands. */
  release(): void {
    this.#stream.pause()
    this.#stream.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd)
    this.#chunks = []
    this.#held = 0
  }

  /** Wakes whoever waits, as if the client had gone. */
  giveUp(): void {
    this.#onEnd()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    this.#hasNews = true
    if (this.#held + this.#chunks.length * chunkOctets > readAheadOctets) this.#stream.pause()
    this.#waiting.received(chunk.length)
    this.#awake(true)
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#awake(false)
  }

  #awake(open: boolean): void {
    if (!this.#wake) return
    this.#waiting.goesOn()
    this.#wake(open)
    this.#wake = undefined
  }

  #nothing(): undefined {
    this.#hasNews = false
    return undefined
  }

  #consume(head: Buffer, octets: number): void {
    this.#held -= octets
    if (octets === head.length) this.#chunks.shift()
    else this.#chunks[0] = head.subarray(octets)
  }

  #mergeHead(): boolean {
    const [first, second] = this.#chunks
    if (!first || !second) return false
    this.#chunks.splice(0, 2, Buffer.concat([first, second]))
    return true
  }
}

interface LineEnd {
  readonly at: number
  /** Where the next line begins. */
  readonly next: number
}

function endByCrlf(bytes: Buffer): LineEnd | undefined {
  for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) {
    if (at > 0 && bytes[at - 1] === cr) return { at: at - 1, next: at + 1 }
  }
  return undefined
}

function endByLf(bytes: Buffer): LineEnd | undefined {
  const at = bytes.indexOf(lf)
  if (at < 0) return undefined
  return { at: at > 0 && bytes[at - 1] === cr ? at - 1 : at, next: at + 1 }
}
