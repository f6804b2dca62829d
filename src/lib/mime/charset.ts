/** Bytes as text. A charset that nobody knows is read as UTF-8, and where that fails as windows-1252. */
export function decodeCharset(bytes: Uint8Array, charset: string | undefined): string {
  throw new Error(`being written ${bytes} ${charset}`)
}
