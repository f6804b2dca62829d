const nonAscii = /[\x80-\uffff]/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const windows1252 = new TextDecoder('windows-1252')

/** Octets, one character each, as text: UTF-8, or windows-1252 where they are none (old clients, old passwords). */
export function textOf(octets: string): string {
  if (!nonAscii.test(octets)) return octets
  const bytes = Buffer.from(octets, 'latin1')
  try {
    return utf8.decode(bytes)
  } catch {
    return windows1252.decode(bytes)
  }
}

/** Text as its UTF-8 octets, one character each. */
export function octetsOf(text: string): string {
  return nonAscii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

export function isAscii(text: string): boolean {
  return !nonAscii.test(text)
}
