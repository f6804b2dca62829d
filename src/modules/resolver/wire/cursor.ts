import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { labelText, longestName, type Name, root } from './name.ts'

/** Reads a message from front to back; every step checks that the octets are there. */
export class Cursor {
  readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  u8(): number {
    return this.#octet(this.at++)
  }

  u16(): number {
    return this.u8() * 256 + this.u8()
  }

  u32(): number {
    return this.u16() * 65536 + this.u16()
  }

  take(length: number): Uint8Array {
    const end = this.room(length)
    const taken = this.bytes.subarray(this.at, end)
    this.at = end
    return taken
  }

  /** Where `length` octets from here end. */
  room(length: number): number {
    const end = this.at + length
    if (end > this.bytes.length) throw new BadSyntax('The message ends too early', this.at)
    return end
  }

  /** RFC 1035 §4.1.4. A pointer leads only backwards, so a loop cannot be. */
  name(): Name {
    const labels: string[] = []
    let at = this.at
    let lowest = at
    let length = 1
    let after: number | undefined
    for (;;) {
      const octet = this.#octet(at)
      if (octet === 0) break
      if (octet >= 0xc0) {
        const target = (octet & 0x3f) * 256 + this.#octet(at + 1)
        if (target >= lowest) throw new BadSyntax('A name points forward', at)
        after ??= at + 2
        lowest = target
        at = target
        continue
      }
      length += octet + 1
      if (octet > 63 || length > longestName) throw new BadSyntax('A label or name is too long', at)
      if (at + 1 + octet > this.bytes.length) throw new BadSyntax('The message ends too early', at)
      labels.push(labelText(this.bytes.subarray(at + 1, at + 1 + octet)))
      at += octet + 1
    }
    this.at = after ?? at + 1
    return labels.length === 0 ? root : labels.join('.')
  }

  #octet(at: number): number {
    const octet = this.bytes[at]
    if (octet === undefined) throw new BadSyntax('The message ends too early', at)
    return octet
  }
}
