/** `name=value; …` as signatures and records have it; undefined where it is no such list. RFC 6376 §3.2. */
export function parseTags(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>()
  const specs = text.split(';')
  // A semicolon may stand at the end.
  if (specs.length > 1 && blank.test(specs.at(-1) ?? '')) specs.pop()
  for (const spec of specs) {
    const [, name, value] = tagSpec.exec(spec) ?? []
    if (name === undefined || value === undefined || tags.has(name)) return undefined
    tags.set(name, value.replace(outerSpace, ''))
  }
  return tags
}

const blank = /^[ \t\r\n]*$/
const tagSpec = /^[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=([^;]*)$/
const outerSpace = /^[ \t\r\n]+|[ \t\r\n]+$/g

/** Base64 with white space anywhere; undefined where it is none. RFC 6376 §2.10. */
export function base64Of(text: string | undefined): Buffer | undefined {
  const packed = text?.replace(/[ \t\r\n]+/g, '')
  if (packed === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) return undefined
  return Buffer.from(packed, 'base64')
}

/** `a:b:c` with white space anywhere around the parts. */
export function listOf(text: string): string[] {
  return text.split(':').map((part) => part.replace(outerSpace, ''))
}

/** The value of `b=` taken out, everything else as it stands: what the signature itself is hashed as. RFC 6376 §3.7. */
export function withoutSignature(rawField: string): string {
  return rawField.replace(signatureTag, '$1')
}

const signatureTag = /([:;][ \t\r\n]*b[ \t\r\n]*=)[^;]*/
