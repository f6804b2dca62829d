const endOfHeader = Buffer.from('\r\n\r\n')
const nothing = Buffer.alloc(0)

export type Passed =
  | { readonly kind: 'nothing' }
  /** The whole header with its empty line, and `all`: itself with what came of the body. */
  | { readonly kind: 'header'; readonly header: Buffer; readonly all: Buffer }
  | { readonly kind: 'body'; readonly body: Buffer }
  | { readonly kind: 'too-large' }

/** Holds the octets of a message back until its header is complete; lets the body through untouched. */
export class HeaderGate {
  readonly #limit: number
  #held: Buffer | undefined = nothing

  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Buffer): Passed {
    if (!this.#held) return { kind: 'body', body: chunk }
    const searchFrom = Math.max(0, this.#held.length - 3)
    const held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const end = headerEnd(held, searchFrom)
    if (end > this.#limit || (end < 0 && held.length > this.#limit)) return { kind: 'too-large' }
    this.#held = end < 0 ? held : undefined
    return end < 0 ? { kind: 'nothing' } : { kind: 'header', header: held.subarray(0, end), all: held }
  }

  /** At the end of the message: a header that no body followed. */
  end(): Buffer | undefined {
    const held = this.#held
    this.#held = undefined
    return held
  }
}

function headerEnd(bytes: Buffer, from: number): number {
  if (from === 0 && bytes[0] === 0x0d && bytes[1] === 0x0a) return 2
  const at = bytes.indexOf(endOfHeader, from)
  return at < 0 ? -1 : at + endOfHeader.length
}
