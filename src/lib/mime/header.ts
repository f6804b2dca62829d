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

/** Reads fields up to the empty line or the end of the bytes. */
export function readHeader(bytes: Uint8Array): Header {
  throw new Error(`being written ${bytes}`)
}

/** First value of a field (lower-case name), unfolded, RFC 2047 words as they are. */
export function fieldValue(header: Header, name: string): string | undefined {
  throw new Error(`being written ${header} ${name}`)
}

export function fieldValues(header: Header, name: string): string[] {
  throw new Error(`being written ${header} ${name}`)
}

/** BODY[HEADER.FIELDS (names)]: the fields as they stand and the empty line (RFC 9051 §6.4.5.1). */
export function pickFields(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  throw new Error(`being written ${bytes} ${names}`)
}

/** BODY[HEADER.FIELDS.NOT (names)]. */
export function dropFields(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  throw new Error(`being written ${bytes} ${names}`)
}
