import type { ByteRange } from '../../ports/message.ts'
import { type IndexedHeader, rawField } from './signature/header-input.ts'

/** Authentication-Results that bear our name and are not from us. RFC 8601 §5: nobody may believe them. */
export function forgedFields(indexed: IndexedHeader, ours: ReadonlySet<string>): readonly ByteRange[] {
  const fields = indexed.byName.get('authentication-results') ?? []
  return fields
    .filter((field) => ours.has(authservId(rawField(indexed, field))))
    .map(({ start, end }) => ({ from: start, to: end }))
}

const id = /^[^:]*:(?:[ \t\r\n]|\((?:[^()\\]|\\.)*\))*(?:"((?:[^"\\]|\\.)*)"|([^\s;()"]+))/

/** The name at the beginning, in any case; comments may stand before it, and a version behind. */
function authservId(raw: string): string {
  const [, quoted, plain = ''] = id.exec(raw) ?? []
  return (quoted?.replace(/\\(.)/g, '$1') ?? plain).toLowerCase().replace(/\.$/, '')
}
