/** Undefined where it is not base 64 of whole octets, with or without padding. */
export function fromBase64(text: string): Buffer | undefined {
  const plain = text.replace(/=+$/, '')
  return plain.length % 4 !== 1 && /^[0-9A-Za-z+/]*$/.test(plain) ? Buffer.from(plain, 'base64') : undefined
}

/** Passlib's: `.` for `+`, and no padding. */
export function fromPasslib64(text: string): Buffer | undefined {
  return fromBase64(text.replaceAll('.', '+'))
}

export function toPasslib64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '.').replace(/=+$/, '')
}
