import type { Header, HeaderField } from '../../../lib/mime/header.ts'
import { type Canonical, canonicalField } from './canonical.ts'
import { withoutSignature } from './tags.ts'

/** A header that several signatures are computed over. */
export interface IndexedHeader {
  readonly header: Header
  readonly byName: ReadonlyMap<string, readonly HeaderField[]>
}

export function indexHeader(header: Header): IndexedHeader {
  return { header, byName: Map.groupBy(header.fields, ({ name }) => name) }
}

export const rawField = ({ header: { text } }: IndexedHeader, { start, end }: HeaderField): string =>
  text.slice(start, end)

/** The fields that a signature names, from the bottom up; a name beyond the last such field is nothing. RFC 6376 §5.4.2. */
function pickFields(indexed: IndexedHeader, names: readonly string[]): string[] {
  const taken = new Map<string, number>()
  return names.flatMap((written) => {
    const name = written.toLowerCase()
    const count = (taken.get(name) ?? 0) + 1
    taken.set(name, count)
    const found = indexed.byName.get(name)?.at(-count)
    return found ? [rawField(indexed, found)] : []
  })
}

/** The fields that are signed, each with its CRLF. */
export function signedFields(indexed: IndexedHeader, names: readonly string[], canonical: Canonical): string {
  return pickFields(indexed, names)
    .map((raw) => `${canonicalField(raw, canonical)}\r\n`)
    .join('')
}

/** What is signed of a header: the fields, and at the end the signature's own field without its b=. RFC 6376 §3.7. */
export function headerInput(fields: string, signatureField: string, canonical: Canonical): Buffer {
  return Buffer.from(fields + canonicalField(withoutSignature(signatureField), canonical), 'latin1')
}
