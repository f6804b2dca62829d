import { asBuffer } from '../../../lib/mime/octets.ts'

const wrongEnd = /\r(?!\n)|(?<!\r)\n/g
const nothing = Buffer.alloc(0)

/**
 * A message on its way out, piece by piece. Every line ends in CRLF (RFC 5321 §2.3.8): a CR or LF alone becomes one, or a
 * server behind the next could take it for the end of the message. With `dots`, lines that start with one get another
 * (RFC 5321 §4.5.2).
 */
export class MessageOctets {
  readonly #dots: boolean
  #heldCr = false
  #atLineStart = true

  constructor(framing: 'dots' | 'counted') {
    this.#dots = framing === 'dots'
  }

  push(chunk: Uint8Array): Buffer {
    const bytes = asBuffer(chunk)
    if (bytes.length === 0) return nothing
    // A CR at the end waits for what follows it.
    const holds = bytes.at(-1) === 0x0d
    const text =
      (this.#heldCr ? '\r' : '') + bytes.toString('latin1', 0, holds ? bytes.length - 1 : bytes.length)
    const asItWas = this.#heldCr || holds ? undefined : bytes
    this.#heldCr = holds
    return this.#line(text, asItWas)
  }

  /** What is missing at the end; the final dot is the caller's. */
  end(): Buffer {
    const rest = this.#heldCr ? this.#line('\r', undefined) : nothing
    return this.#atLineStart ? rest : Buffer.concat([rest, Buffer.from('\r\n')])
  }

  #line(text: string, asItWas: Buffer | undefined): Buffer {
    if (text === '') return nothing
    const ended = text.replace(wrongEnd, '\r\n')
    const stuffed = this.#dots ? this.#stuff(ended) : ended
    this.#atLineStart = stuffed.endsWith('\n')
    return asItWas !== undefined && stuffed.length === text.length ? asItWas : Buffer.from(stuffed, 'latin1')
  }

  #stuff(text: string): string {
    const start = this.#atLineStart && text.startsWith('.') ? '.' : ''
    return start + text.replaceAll('\r\n.', '\r\n..')
  }
}
