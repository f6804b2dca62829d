import { guess } from './charset.ts'
import { asBuffer } from './octets.ts'

/** One field as it stands in the header: offsets into it. */
export interface HeaderField {
  /** Lower case; '' for a line that is no field. */
  readonly name: string
  readonly start: number
  readonly valueStart: number
  /** After the last line end of the field. */
  readonly end: number
}

/** A header block as text, one character per octet, and its fields in order. */
export interface Header {
  readonly text: string
  readonly fields: readonly HeaderField[]
  /** Where the body starts: after the empty line. */
  readonly end: number
}

const tab = 9
const lf = 10
const cr = 13
const space = 32
const colon = 58

/** Reads fields up to the empty line or the end of the bytes. */
export function readHeader(bytes: Uint8Array): Header {
  const buffer = asBuffer(bytes)
  return scanHeader(buffer.toString('latin1', 0, headerLength(buffer)))
}

/** The same for a header that is already text, one character per octet. */
export function scanHeader(text: string): Header {
  const fields: HeaderField[] = []
  let start = 0
  while (start < text.length && !isEmptyLine(text, start)) {
    const end = fieldEnd(text, start)
    fields.push(field(text, start, end))
    start = end
  }
  const emptyLine = text.charCodeAt(start) === lf ? 1 : 2
  return { text, fields, end: start < text.length ? start + emptyLine : start }
}

/** A field goes on while lines begin with a blank (RFC 5322 §2.2.3). */
function fieldEnd(text: string, start: number): number {
  let end = start
  do {
    const newline = text.indexOf('\n', end)
    if (newline < 0) return text.length
    end = newline + 1
  } while (isBlank(text.charCodeAt(end)))
  return end
}

/** First value of a field (lower-case name), unfolded, RFC 2047 words as they are. */
export function fieldValue(header: Header, name: string): string | undefined {
  const found = header.fields.find((one) => one.name === name)
  return found === undefined ? undefined : fieldText(header, found)
}

export function fieldValues(header: Header, name: string): string[] {
  return header.fields.filter((one) => one.name === name).map((one) => fieldText(header, one))
}

/** Unfolded, trimmed, without NUL, octets above 127 read as text. */
export function fieldText(header: Header, { valueStart, end }: HeaderField): string {
  return readable(rawValue(header, { valueStart, end }))
}

/** Unfolded and trimmed, still one character per octet. */
export function rawValue(
  header: Header,
  { valueStart, end }: Pick<HeaderField, 'valueStart' | 'end'>,
): string {
  const value = header.text.slice(valueStart, end).trim()
  return hasBreak.test(value) ? value.replace(breaks, '').replaceAll('\r', ' ') : value
}

/** Text of one character per octet as a person reads it. */
export function readable(octets: string): string {
  return hasEightBit.test(octets) ? guess(Buffer.from(octets, 'latin1')) : octets
}

const hasBreak = /[\r\n\0]/
const breaks = /\r?\n|\0/g
const hasEightBit = /[\x80-\xff]/

/**
 * BODY[HEADER.FIELDS (names)]: the fields as they stand and the empty line (RFC 9051 §6.4.5.1). Made once for many headers,
 * which are text of one character per octet.
 */
export function fieldPicker(names: readonly string[]): (header: string) => string {
  const isNamed = nameMatcher(names)
  return (header) => select(header, isNamed)
}

/** BODY[HEADER.FIELDS.NOT (names)]. */
export function fieldDropper(names: readonly string[]): (header: string) => string {
  const isNamed = nameMatcher(names)
  return (header) => select(header, (text, start, end) => !isNamed(text, start, end))
}

type Matcher = (text: string, start: number, end: number) => boolean

function nameMatcher(names: readonly string[]): Matcher {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  // Most names differ in length already, and are not looked at any further.
  const lengths = new Set(names.map(({ length }) => length))
  return (text, start, end) => {
    const nameEnd = endOfName(text, start, end)
    return lengths.has(nameEnd - start) && wanted.has(text.slice(start, nameEnd).toLowerCase())
  }
}

function select(header: string, keep: Matcher): string {
  let kept = ''
  let start = 0
  while (start < header.length && !isEmptyLine(header, start)) {
    const end = fieldEnd(header, start)
    if (keep(header, start, end)) kept += header.slice(start, end)
    start = end
  }
  return kept + (header.charCodeAt(start) === lf ? '\n' : '\r\n')
}

/** Octets of the header with its empty line, without looking at more of the body than that. */
function headerLength(buffer: Buffer): number {
  let line = 0
  while (line < buffer.length) {
    const first = buffer[line]
    if (first === lf) return line + 1
    if (first === cr && buffer[line + 1] === lf) return line + 2
    const newline = buffer.indexOf(lf, line)
    if (newline < 0) return buffer.length
    line = newline + 1
  }
  return buffer.length
}

function isBlank(code: number): boolean {
  return code === space || code === tab
}

function isEmptyLine(text: string, at: number): boolean {
  const first = text.charCodeAt(at)
  return first === lf || (first === cr && text.charCodeAt(at + 1) === lf)
}

/** A line without a name belongs to nobody. */
function field(text: string, start: number, end: number): HeaderField {
  const nameEnd = endOfName(text, start, end)
  if (nameEnd === start) return { name: '', start, valueStart: start, end }
  const name = text.slice(start, nameEnd).toLowerCase()
  return { name, start, valueStart: text.indexOf(':', nameEnd) + 1, end }
}

/** RFC 5322 §2.2, and white space before the colon (§4.5); `start` for a line that is no field. */
function endOfName(text: string, start: number, end: number): number {
  let at = start
  while (at < end && isNameOctet(text.charCodeAt(at))) at++
  const nameEnd = at
  while (at < end && isBlank(text.charCodeAt(at))) at++
  return text.charCodeAt(at) === colon ? nameEnd : start
}

function isNameOctet(code: number): boolean {
  return code > space && code < 127 && code !== colon
}

/** The first field of each name. */
export function fieldsByName({ fields }: Header): Map<string, HeaderField> {
  const byName = new Map<string, HeaderField>()
  for (const one of fields) if (!byName.has(one.name)) byName.set(one.name, one)
  return byName
}
