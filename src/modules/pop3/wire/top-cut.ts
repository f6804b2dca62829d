const cr = 13
const lf = 10

/** Finds the end of the header, the empty line and the first lines of the body. RFC 1939 §7 TOP. */
export class TopCut {
  #inHeader = true
  #lineIsEmpty = true
  #left: number

  constructor(lines: number) {
    this.#left = lines
  }

  /** How many octets of the next piece belong to it, and whether that is all. */
  take(bytes: Uint8Array): { readonly octets: number; readonly done: boolean } {
    for (let at = 0; at < bytes.length; at++) {
      const octet = bytes[at]
      if (octet !== lf) {
        if (octet !== cr) this.#lineIsEmpty = false
        continue
      }
      if (this.#inHeader) this.#inHeader = !this.#lineIsEmpty
      else this.#left--
      this.#lineIsEmpty = true
      if (!this.#inHeader && this.#left <= 0) return { octets: at + 1, done: true }
    }
    return { octets: bytes.length, done: false }
  }
}
