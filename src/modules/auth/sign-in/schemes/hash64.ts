const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The number that a text of crypt's own base 64 stands for, its first character the lowest. At most five characters. */
export function hash64Number(text: string): number {
  let value = 0
  for (let at = text.length - 1; at >= 0; at--) value = value * 64 + alphabet.indexOf(text.charAt(at))
  return value
}

/** Octets in crypt's own base 64: three to four characters, the lowest bits first. */
export function hash64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const group = [...bytes.subarray(at, at + 3)]
    let value = group.reduce((sum, octet, index) => sum + octet * 256 ** index, 0)
    for (let left = group.length + 1; left > 0; left--, value >>>= 6) text += alphabet.charAt(value & 63)
  }
  return text
}

/** The octets at these places, in this order. */
export function picked(bytes: Uint8Array, places: readonly number[]): Uint8Array {
  return Uint8Array.from(places, (place) => bytes[place] ?? 0)
}

/** Bits, the highest first, six to a character. */
export function bits64(bits: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bits.length; at += 6) {
    let value = 0
    for (let bit = 0; bit < 6; bit++) value = value * 2 + (bits[at + bit] ?? 0)
    text += alphabet.charAt(value)
  }
  return text
}
