import { createHash, type Hash, hash } from 'node:crypto'

/** How a signature forgives what relays do to white space. RFC 6376 §3.4. */
export type Canonical = 'simple' | 'relaxed'

/** One header field as it is hashed, without the CRLF at its end. `raw` has one character per octet. */
export function canonicalField(raw: string, canonical: Canonical): string {
  return canonical === 'simple' ? raw.replace(lastLineEnd, '') : relaxedField(raw)
}

const lastLineEnd = /\r?\n$/
const lineEnds = /\r?\n/g
const blanks = /[ \t]+/g
const outerBlanks = /^ | $/g

/** RFC 6376 §3.4.2. White space is SP and TAB alone: `trim` would take octets of UTF-8 for it. */
function relaxedField(raw: string): string {
  const colon = raw.indexOf(':')
  const name = raw.slice(0, colon).toLowerCase().replace(blanks, '')
  const value = raw
    .slice(colon + 1)
    .replace(lineEnds, '')
    .replace(blanks, ' ')
    .replace(outerBlanks, '')
  return `${name}:${value}`
}

const tab = 9
const lf = 10
const cr = 13
const space = 32

/** Up to the first blank or line end that is not simply one between two letters: most bodies are nothing else. */
function endOfPlain(chunk: Uint8Array, start: number): number {
  let at = start
  for (;;) {
    const octet = chunk[at] ?? 0
    if (octet > space) at++
    else if (octet === space && (chunk[at + 1] ?? 0) > space) at += 2
    else if (octet === cr && chunk[at + 1] === lf && (chunk[at + 2] ?? 0) > space) at += 3
    else return at
  }
}

/** More empty lines than these are hashed from here: a body of nothing but line ends costs no memory. */
const mostLinesAtOnce = 4096
const manyLineEnds = Buffer.from('\r\n'.repeat(mostLinesAtOnce))

/** The SHA-256 of a body that comes in pieces, cut anywhere. RFC 6376 §3.4.3, §3.4.4, §3.7. */
export class BodyHash {
  readonly #relaxed: boolean
  /** Not hashed yet: most bodies are one piece and a line end, and a hash object costs more than their octets. */
  #held: Uint8Array[] = []
  #hash: Hash | undefined
  readonly #limit: number
  /** Line ends that count only if something follows them. */
  #lines = 0
  #space = false
  #cr = false
  #written = 0

  /** `limit`: octets of the canonical body that a signature covers (its l=). */
  constructor(canonical: Canonical, limit = Infinity) {
    this.#relaxed = canonical === 'relaxed'
    this.#limit = limit
  }

  update(chunk: Uint8Array): void {
    // What a chunk can become at most: each octet itself, and before it what was held back.
    const out = Buffer.allocUnsafe(chunk.length + 2 * Math.min(this.#lines, mostLinesAtOnce) + 4)
    let end = 0
    let at = 0
    while (at < chunk.length) {
      if (!this.#cr && !this.#space && this.#lines === 0) {
        const from = at
        at = endOfPlain(chunk, at)
        out.set(chunk.subarray(from, at), end)
        end += at - from
        if (at >= chunk.length) break
      }
      end = this.#take(chunk[at++] ?? 0, out, end)
    }
    this.#put(out.subarray(0, end))
  }

  /** One octet, with all that may hang on it. */
  #take(octet: number, out: Buffer, end: number): number {
    if (octet === lf && this.#cr) {
      this.#cr = false
      this.#space = false
      this.#lines++
      return end
    }
    let at = end
    if (this.#cr || this.#space || this.#lines > 0) at = this.#catchUp(octet, out, at)
    if (octet === cr) this.#cr = true
    else if (this.#relaxed && (octet === space || octet === tab)) this.#space = true
    else out[at++] = octet
    return at
  }

  /** Writes what was held back, now that `octet` follows. */
  #catchUp(octet: number, out: Buffer, end: number): number {
    let at = end
    const isBlank = this.#relaxed && (octet === space || octet === tab)
    // Blanks and a CR may still turn out to be the end of an empty line.
    if (!this.#cr && (isBlank || octet === cr)) return at
    if (this.#lines > 0) at = this.#putLines(out, at)
    if (this.#space) {
      this.#space = false
      out[at++] = space
    }
    if (this.#cr) {
      this.#cr = false
      out[at++] = cr
    }
    return at
  }

  #putLines(out: Buffer, end: number): number {
    let octets = this.#lines * 2
    this.#lines = 0
    if (octets <= manyLineEnds.length) return end + manyLineEnds.copy(out, end, 0, octets)
    this.#put(out.subarray(0, end))
    for (; octets > 0; octets -= manyLineEnds.length) this.#put(manyLineEnds.subarray(0, octets))
    // `out` is filled from its start again.
    this.#hashHeld()
    return 0
  }

  #put(octets: Uint8Array): void {
    const left = this.#limit - this.#written
    this.#written += octets.length
    if (left > 0) this.#add(octets.length > left ? octets.subarray(0, left) : octets)
  }

  #add(octets: Uint8Array): void {
    this.#held.push(octets)
    if (this.#held.length > 2) this.#hashHeld()
  }

  #hashHeld(): void {
    this.#hash ??= createHash('sha256')
    for (const octets of this.#held) this.#hash.update(octets)
    this.#held = []
  }

  digest(): { readonly hash: Buffer; readonly octets: number } {
    if (this.#cr) {
      const out = Buffer.allocUnsafe(manyLineEnds.length + 4)
      this.#put(out.subarray(0, this.#catchUp(0, out, 0)))
    }
    // A body that is not empty ends with CRLF; simple gives an empty one that too.
    if (this.#written > 0 || !this.#relaxed) this.#put(manyLineEnds.subarray(0, 2))
    if (!this.#hash)
      return { hash: hash('sha256', Buffer.concat(this.#held), 'buffer'), octets: this.#written }
    this.#hashHeld()
    return { hash: this.#hash.digest(), octets: this.#written }
  }
}
