import type { Output } from '../../../platform/wire/output.ts'

const cr = 13
const lf = 10
const dot = 46

/**
 * A message on its way to the client: a dot goes before each dot that begins a line, and every line ends with CRLF, also where
 * the message as it is stored has a bare LF: clients differ in what they take for the end of a line. RFC 1939 §3, §11.
 */
export class MessageText {
  readonly #out: Output
  /** The octet before; a message begins as a line does. */
  #last = lf

  constructor(out: Output) {
    this.#out = out
  }

  /** The octets are the caller's again at once. */
  write(bytes: Uint8Array): void {
    const { length } = bytes
    if (length === 0) return
    if (bytes[0] === dot && this.#last === lf) this.#out.text('.')
    let from = 0
    for (let at = this.#nextOdd(bytes, 0); at >= 0; at = this.#nextOdd(bytes, at + 1)) {
      this.#lineEnd(bytes, from, at)
      from = at + 1
    }
    this.#octets(bytes, from, length)
    this.#last = bytes[length - 1] ?? 0
  }

  /** A message that does not end with a line end gets one. */
  end(): void {
    this.#out.text(this.#last === lf ? '.\r\n' : '\r\n.\r\n')
  }

  /** The next LF that cannot go out as it stands: without CR before it, or with a dot behind. */
  #nextOdd(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      if (bytes[at] !== lf) continue
      const before = at > 0 ? bytes[at - 1] : this.#last
      if (before !== cr || bytes[at + 1] === dot) return at
    }
    return -1
  }

  #lineEnd(bytes: Uint8Array, from: number, at: number): void {
    const before = at > 0 ? bytes[at - 1] : this.#last
    if (before === cr) {
      this.#octets(bytes, from, at + 1)
    } else {
      this.#octets(bytes, from, at)
      this.#out.text('\r\n')
    }
    if (bytes[at + 1] === dot) this.#out.text('.')
  }

  #octets(bytes: Uint8Array, from: number, to: number): void {
    if (from < to) this.#out.bytes(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to))
  }
}
