/** Unfolded text with its RFC 2047 words decoded. */
export function decodeWords(text: string): string {
  throw new Error(`being written ${text}`)
}

/** 7-bit text of any text: RFC 2047 words where it is not ASCII. */
export function encodeWords(text: string): string {
  throw new Error(`being written ${text}`)
}
