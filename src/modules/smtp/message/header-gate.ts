const endOfHeader = Buffer.from('\r\n\r\n')
const nothing = Buffer.alloc(0)

export interface Passed {
  /** The whole header with its empty line, once it is complete. */
  readonly header?: Buffer
  readonly body?: Buffer
}

/** Holds the octets of a message back until its header is complete; lets the body through untouched. */
export class HeaderGate {
  readonly #limit: number
  #held: Buffer | undefined = nothing

  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Buffer): Passed | 'too-large' {
    if (!this.#held) return { body: chunk }
    const searchFrom = Math.max(0, this.#held.length - 3)
    const held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const end = headerEnd(held, searchFrom)
    if (end > this.#limit || (end < 0 && held.length > this.#limit)) return 'too-large'
    this.#held = end < 0 ? held : undefined
    return end < 0 ? {} : { header: held.subarray(0, end), body: held.subarray(end) }
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
