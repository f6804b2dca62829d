import type { ByteRange, MessagePart } from './message-index.ts'

/** What of a section is asked for: `BODY[1]`, `BODY[1.MIME]`, `BODY[1.HEADER]`, `BODY[1.TEXT]`. */
export type SectionText = 'body' | 'mime' | 'header' | 'text'

/**
 * The octets of an IMAP section (RFC 9051 §6.4.5.1), undefined where the message has no such section.
 * `number` is '' for the message itself: ('', 'body') is BODY[], ('', 'header') BODY[HEADER], ('1.2', 'mime') BODY[1.2.MIME].
 */
export function sectionRange(
  parts: readonly MessagePart[],
  number: string,
  text: SectionText,
): ByteRange | undefined {
  throw new Error(`being written ${parts} ${number} ${text}`)
}

/** The entity that `BINARY[number]` or `BODY[number]` reads. */
export function findPart(parts: readonly MessagePart[], number: string): MessagePart | undefined {
  throw new Error(`being written ${parts} ${number}`)
}

/** A short text of the parts, for the store. */
export function packParts(parts: readonly MessagePart[]): string {
  throw new Error(`being written ${parts}`)
}

export function unpackParts(packed: string): MessagePart[] {
  throw new Error(`being written ${packed}`)
}
