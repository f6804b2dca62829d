import type { Header } from '../../lib/mime/header.ts'
import type { HeaderEdit } from '../../ports/mail-filter.ts'

/** What a filter wants of a field. One character is one octet; a value begins with what stands behind the colon. */
export interface Change {
  readonly kind: 'add' | 'insert' | 'change'
  readonly name: string
  readonly value: string
  /** For `change`: which of those with the name, from 1. An empty value takes it out. */
  readonly index: number
}

/** Fields to put on top, and places of the header that become another text. */
export function applied(changes: readonly Change[], header: Header): { added: string; edits: HeaderEdit[] } {
  const inserted: string[] = []
  const added: string[] = []
  const edits = new Map<number, HeaderEdit>()
  for (const { kind, name, value, index } of changes) {
    const text = fieldText(name, value)
    if (text === undefined) continue
    const place = kind === 'change' ? nth(header, name, index) : undefined
    if (place) edits.set(place.start, { from: place.start, to: place.end, text: value === '' ? '' : text })
    // The one that is put in last stands first.
    else if (kind === 'insert') inserted.unshift(text)
    // What is not there yet is added, as other mail servers do it.
    else if (value !== '') added.push(text)
  }
  return {
    added: [...inserted, ...added].join(''),
    edits: [...edits.values()].sort((one, other) => one.from - other.from),
  }
}

function nth(header: Header, name: string, index: number): Header['fields'][number] | undefined {
  return header.fields.filter((field) => field.name === name.toLowerCase())[Math.max(index, 1) - 1]
}

/** RFC 5322 §2.2: a name without blanks, and lines that go on with one. Undefined where it is none. */
function fieldText(name: string, value: string): string | undefined {
  if (!/^[\x21-\x39\x3b-\x7e]{1,200}$/.test(name)) return undefined
  const [first = '', ...more] = value.split(/\r\n|\r|\n/)
  const lines = more.filter((line) => line.trim() !== '')
  return [`${name}:${first}`, ...lines.map((line) => (/^[ \t]/.test(line) ? line : ` ${line}`)), ''].join(
    '\r\n',
  )
}
