import type { ByteRange } from '../../ports/message.ts'
import { type IndexedHeader, rawField } from './signature/header-input.ts'

/**
 * Authentication-Results that bear our name and are not from us (RFC 8601 §5: nobody may believe them), and fields that only we
 * write, `marks` in lower case. In the order of the header.
 */
export function forgedFields(
  indexed: IndexedHeader,
  ours: ReadonlySet<string>,
  marks: readonly string[],
): readonly ByteRange[] {
  const results = indexed.byName.get('authentication-results') ?? []
  return [
    ...results.filter((field) => ours.has(authservId(rawField(indexed, field)))),
    ...marks.flatMap((name) => indexed.byName.get(name) ?? []),
  ]
    .map(({ start, end }) => ({ from: start, to: end }))
    .sort((one, other) => one.from - other.from)
}

const id = /^[^:]*:(?:[ \t\r\n]|\((?:[^()\\]|\\.)*\))*(?:"((?:[^"\\]|\\.)*)"|([^\s;()"]+))/

/** The name at the beginning, in any case; comments may stand before it, and a version behind. */
function authservId(raw: string): string {
  const [, quoted, plain = ''] = id.exec(raw) ?? []
  return (quoted?.replace(/\\(.)/g, '$1') ?? plain).toLowerCase().replace(/\.$/, '')
}
