import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { parseImapDateTime } from '../../../lib/mime/date.ts'
import { Decoder, type Dialect } from './decoder.ts'
import type { SequenceSet } from './sequence-set.ts'

/** What APPEND says of a message before its octets. RFC 9051 §6.3.12. */
export interface MessageOptions {
  readonly flags: readonly string[]
  /** UTC milliseconds; undefined is now. */
  readonly receivedAt: number | undefined
  /** `UTF8 (~{…}`: a bracket follows the octets. RFC 9755 §4. */
  readonly utf8: boolean
}

/** ` mailbox` and the options of the first message, up to its literal. */
export function appendArguments(d: Decoder): { mailbox: string; options: MessageOptions } {
  return { mailbox: d.sp().mailbox(), options: messageOptions(d) }
}

/** ` 4 mailbox` and the same. RFC 8508 §3.2. */
export function replaceArguments(d: Decoder): {
  old: SequenceSet
  mailbox: string
  options: MessageOptions
} {
  const at = d.sp().offset
  const old = d.sequenceSet()
  const [only, ...more] = old.kind === 'ranges' ? old.ranges : []
  if (!only || only.first !== only.last || more.length > 0) d.fail('one message', at)
  return { old, ...appendArguments(d) }
}

/** ` (\Seen) "date" ` and where the literal begins. */
export function messageOptions(d: Decoder): MessageOptions {
  const flags = d.sp().peek() === '(' ? d.flagList() : undefined
  if (flags) d.sp()
  const receivedAt = d.peek() === '"' ? dateTime(d) : undefined
  if (receivedAt !== undefined) d.sp()
  const utf8 = d.tryChars('UTF8 (')
  if (!d.literalAhead()) d.fail('literal')
  return { flags: flags ?? [], receivedAt, utf8 }
}

function dateTime(d: Decoder): number {
  const at = d.offset
  return parseImapDateTime(d.astring())?.at ?? d.fail('date-time', at)
}

/** Whether the literal that this text ends with is the message of an APPEND or REPLACE, to be streamed. */
export function beginsMessage(text: string, dialect: Dialect): boolean {
  if (!/^[^ ]+ (?:APPEND|(?:UID )?REPLACE) /i.test(text)) return false
  return endsWithMessage(text, dialect, (d) => {
    d.tag()
    if (uploadName(d.sp()) === 'APPEND') appendArguments(d)
    else replaceArguments(d)
  })
}

/** Reads the name of the command. */
export function uploadName(d: Decoder): 'APPEND' | 'REPLACE' | 'UID REPLACE' {
  const first = d.keyword('command')
  if (first === 'APPEND') return 'APPEND'
  if (first === 'REPLACE') return 'REPLACE'
  d.sp().keyword('command')
  return 'UID REPLACE'
}

/** The same for the messages behind the first: the text begins where the octets of the one before ended. RFC 3502. */
export function beginsAnotherMessage(text: string, dialect: Dialect): boolean {
  return endsWithMessage(text, dialect, (d) => {
    d.tryChar(')')
    messageOptions(d)
  })
}

function endsWithMessage(text: string, dialect: Dialect, read: (d: Decoder) => void): boolean {
  const d = new Decoder(text, dialect)
  try {
    read(d)
  } catch (error) {
    if (error instanceof BadSyntax) return false
    throw error
  }
  return text.endsWith('}\r\n') && text.indexOf('\n', d.offset) === text.length - 1
}
