/** RFC 5804 §1.6 wants 128 characters at least. */
const mostCharacters = 256

/**
 * A script's name in NFC, as it is kept and compared; undefined where it must not be one: empty, too long, or with what
 * RFC 5804 §1.6 forbids. RFC 5198 §3.
 */
export function scriptName(text: string): string | undefined {
  const name = text.normalize('NFC')
  if (name === '' || Array.from(name).length > mostCharacters) return undefined
  return /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name) ? undefined : name
}
