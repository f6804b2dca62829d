import type { Readable } from 'node:stream'
import type { Clock } from '../../../ports/runtime.ts'

/** How much one command may bring. Time is bounded by whoever looks at `busySince`. */
export interface FramingLimits {
  /** Octets of a command outside its literals. */
  readonly lineOctets: number
  /** Octets of all literals of a command that are held in memory; message literals are streamed and do not count. */
  readonly literalOctets: number
  readonly literals: number
}

export type Incoming =
  /** Literals stand in the text where they were announced: `{3}\r\nabc`. */
  | { readonly kind: 'command'; readonly text: string }
  /** The text ends with the mark of a literal that is not read: the next `size` octets of the stream. */
  | { readonly kind: 'message'; readonly text: string; readonly literal: Literal }
  /** Drained, not parsed. `text` is how it began. */
  | { readonly kind: 'refused'; readonly text: string; readonly limit: keyof FramingLimits }
  | { readonly kind: 'closed' }

export interface Literal {
  readonly size: number
  /** The client waits for a go-ahead. RFC 9051 §4.3. */
  readonly synchronizing: boolean
  readonly binary: boolean
}

const literalMark = /(~?)\{([0-9]{1,19})(\+?)\}$/
const longestMark = 24
const nothing = Buffer.alloc(0)

/** Cuts what a client sends into commands. Everything that bounds memory is here. */
export class CommandReader {
  readonly #stream: Readable
  readonly #clock: Clock
  readonly #goAhead: () => Promise<void>
  #chunk: Buffer = nothing
  #at = 0
  #ended = false
  #wake: (() => void) | undefined
  /** When the first octet of a command came that is not complete yet, or the server asked for the rest of one. */
  busySince: number | undefined

  constructor(stream: Readable, clock: Clock, goAhead: () => Promise<void>) {
    this.#stream = stream
    this.#clock = clock
    this.#goAhead = goAhead
    stream
      .on('readable', this.#onReadable)
      .on('end', this.#onEnd)
      .on('close', this.#onEnd)
      .on('error', this.#onEnd)
  }

  /** Lets go of the stream; gives back what was read and not used. After STARTTLS that is forgotten: RFC 9051 §6.2.1. */
  detach(): Buffer {
    const unused = this.#chunk.subarray(this.#at)
    this.#stream
      .off('readable', this.#onReadable)
      .off('end', this.#onEnd)
      .off('close', this.#onEnd)
      .off('error', this.#onEnd)
    this.#chunk = nothing
    this.#at = 0
    this.stop()
    return unused
  }

  /** Whoever waits for input gets `closed`. */
  stop(): void {
    this.#onEnd()
  }

  /** The beginning of the command behind the one at work, as far as it is here. */
  get pipelined(): string {
    return this.#chunk.toString('latin1', this.#at, this.#at + 100)
  }

  /** The next command. `holdsMessage` says whether the literal behind this text is a message, to be streamed. */
  async next(limits: FramingLimits, holdsMessage: (text: string) => boolean): Promise<Incoming> {
    this.busySince = undefined
    return await this.#untilEnd(limits, holdsMessage)
  }

  /** What stands behind the octets of a message. The command has begun, so its time runs though nothing came yet. */
  async restOfCommand(limits: FramingLimits, holdsMessage: (text: string) => boolean): Promise<Incoming> {
    this.busySince = this.#clock.now()
    return await this.#untilEnd(limits, holdsMessage)
  }

  async #untilEnd(limits: FramingLimits, holdsMessage: (text: string) => boolean): Promise<Incoming> {
    try {
      return await this.#command(limits, holdsMessage)
    } finally {
      this.busySince = undefined
    }
  }

  /** One line that is no command: an answer to `+`. Undefined when the client is gone, `cut` when it is too long. */
  async line(longest: number): Promise<{ text: string; cut: boolean } | undefined> {
    this.busySince = undefined
    try {
      return await this.#line(longest)
    } finally {
      this.busySince = undefined
    }
  }

  async #command(limits: FramingLimits, holdsMessage: (text: string) => boolean): Promise<Incoming> {
    let text = ''
    let held = 0
    for (let literals = 1; ; literals++) {
      const line = await this.#line(limits.lineOctets - (text.length - held))
      if (!line) return { kind: 'closed' }
      text += line.text
      if (line.cut) return await this.#drain(line.tail, text, 'lineOctets')
      const literal = literalAtEndOf(line.text)
      if (!literal) return { kind: 'command', text }
      text += '\r\n'
      if (holdsMessage(text)) return { kind: 'message', text, literal }
      held += literal.size
      const crossed = crossedLimit(limits, literals, held)
      if (crossed) return await this.#drain(line.text, text, crossed)
      if (literal.synchronizing) await this.#goAhead()
      const octets = await this.#octets(literal.size)
      if (octets === undefined) return { kind: 'closed' }
      text += octets
    }
  }

  /** One line without its end. `cut` where it is longer than that: then `tail` is how it ends. */
  async #line(longest: number): Promise<{ text: string; cut: boolean; tail: string } | undefined> {
    let text = ''
    let tail = ''
    for (;;) {
      if (!(await this.#some())) return undefined
      const found = this.#chunk.indexOf(10, this.#at)
      const piece = this.#chunk.toString('latin1', this.#at, found < 0 ? this.#chunk.length : found)
      this.#at += piece.length
      if (text.length <= longest + 1) text += piece
      tail = (tail + piece).slice(-longestMark - 1)
      if (found < 0) continue
      this.#at++
      const line = text.replace(/\r$/, '')
      return {
        text: line.slice(0, Math.max(0, longest)),
        cut: line.length > longest,
        tail: tail.replace(/\r$/, ''),
      }
    }
  }

  /** Up to `most` octets of a message literal, owned by the caller; undefined when the client is gone. */
  async take(most: number): Promise<Uint8Array | undefined> {
    // A client that announces a message and sends nothing has its time too.
    this.busySince ??= this.#clock.now()
    if (!(await this.#some())) return undefined
    const start = this.#at
    const end = Math.min(this.#chunk.length, start + most)
    this.#at = end
    const whole = start === 0 && end === this.#chunk.length && this.#chunk.buffer.byteLength === end
    return whole ? this.#chunk : Uint8Array.prototype.slice.call(this.#chunk, start, end)
  }

  /** Reads past the rest of a command that is refused at this literal; see `#drain`. False when the client is gone. */
  async refuse({ size, synchronizing }: Literal): Promise<boolean> {
    const mark = `{${size}${synchronizing ? '' : '+'}}`
    return (await this.#drain(mark, '', 'literalOctets')).kind !== 'closed'
  }

  /** False when the client is gone. */
  async skip(octets: number): Promise<boolean> {
    for (let left = octets; left > 0; ) {
      if (!(await this.#some())) return false
      const step = Math.min(left, this.#chunk.length - this.#at)
      this.#at += step
      left -= step
    }
    return true
  }

  /**
   * Reads past a command that is refused. A client that sends without waiting sends all of it (RFC 7888 §4), and none
   * of it is a command; a client that waits for a go-ahead hears the refusal instead.
   */
  async #drain(lastLine: string, text: string, limit: keyof FramingLimits): Promise<Incoming> {
    const began = text.slice(0, 200)
    let line = lastLine
    for (;;) {
      const literal = literalAtEndOf(line)
      if (!literal || literal.synchronizing) return { kind: 'refused', text: began, limit }
      if (!(await this.skip(literal.size))) return { kind: 'closed' }
      const next = await this.#line(longestMark)
      if (!next) return { kind: 'closed' }
      line = next.cut ? next.tail : next.text
    }
  }

  async #octets(count: number): Promise<string | undefined> {
    let out = ''
    while (out.length < count) {
      if (!(await this.#some())) return undefined
      const end = Math.min(this.#chunk.length, this.#at + count - out.length)
      out += this.#chunk.toString('latin1', this.#at, end)
      this.#at = end
    }
    return out
  }

  /** Waits until there is at least one octet to read. */
  async #some(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      this.#chunk = nothing
      this.#at = 0
      const chunk: unknown = this.#ended ? null : this.#stream.read()
      if (chunk instanceof Buffer) this.#chunk = chunk
      else if (this.#ended) return false
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    this.busySince ??= this.#clock.now()
    return true
  }

  readonly #onReadable = (): void => {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#onReadable()
  }
}

function crossedLimit(
  limits: FramingLimits,
  literals: number,
  held: number,
): keyof FramingLimits | undefined {
  if (literals > limits.literals) return 'literals'
  return held > limits.literalOctets ? 'literalOctets' : undefined
}

function literalAtEndOf(line: string): Literal | undefined {
  if (!line.endsWith('}')) return undefined
  const [, tilde, size, plus] = literalMark.exec(line.slice(-longestMark)) ?? []
  if (size === undefined) return undefined
  return { size: Number(size), synchronizing: plus === '', binary: tilde === '~' }
}
