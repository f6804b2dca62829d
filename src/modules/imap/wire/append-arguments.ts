import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { parseImapDateTime } from '../../../lib/mime/date.ts'
import { Decoder, type Dialect } from './decoder.ts'
import type { SequenceSet } from './sequence-set.ts'

/** What APPEND says of a message before its octets. RFC 9051 §6.3.12. */
export interface MessageOptions {
  readonly flags: readonly string[]
  /** UTC milliseconds; undefined is now. */
  readonly receivedAt: number | undefined
}

/** What a piece of the command wants done, in its order. */
export type UploadStep =
  | { readonly kind: 'message'; readonly options: MessageOptions }
  /** RFC 4469: octets of a message that is here already. */
  | { readonly kind: 'url'; readonly url: string }
  /** Those of the literal that the text ends with; `isWhole`: nothing else is in the message. */
  | { readonly kind: 'octets'; readonly isWhole: boolean }
  | { readonly kind: 'complete' }

/** Of all messages of a command. */
const mostParts = 200

/**
 * Reads messages of APPEND and REPLACE, which come in pieces of text with octets between them: ` (\Seen) "date" {12}`,
 * ` UTF8 (~{12}` … `)` (RFC 9755 §4), ` CATENATE (URL "/INBOX/;UID=3" TEXT {12}` … `)` (RFC 4469 §5), one or more (RFC 3502).
 */
export class UploadGrammar {
  #isBehindOctets = false
  #inParts = false
  #inUtf8 = false
  #parts = 0

  /** What one piece says. It ends where the command does, or with the mark of a literal. */
  read(d: Decoder): UploadStep[] {
    const steps: UploadStep[] = []
    if (this.#isBehindOctets) this.#behindOctets(d, steps)
    else this.#message(d, steps)
    while (!this.#isBehindOctets && !d.atEnd) this.#message(d, steps)
    return steps
  }

  /** Whether the text ends with a literal whose octets belong into a message. */
  endsWithOctets(text: string, d: Decoder): boolean {
    const trial = this.#copy()
    try {
      if (trial.read(d).at(-1)?.kind !== 'octets') return false
    } catch (error) {
      if (error instanceof BadSyntax) return false
      throw error
    }
    return text.endsWith('}\r\n') && text.indexOf('\n', d.offset) === text.length - 1
  }

  #copy(): UploadGrammar {
    const copy = new UploadGrammar()
    copy.#isBehindOctets = this.#isBehindOctets
    copy.#inParts = this.#inParts
    copy.#inUtf8 = this.#inUtf8
    copy.#parts = this.#parts
    return copy
  }

  #message(d: Decoder, steps: UploadStep[]): void {
    steps.push({ kind: 'message', options: messageOptions(d) })
    if (d.tryWord('CATENATE')) {
      this.#inParts = true
      d.sp().expect('(')
      this.#part(d, steps)
    } else this.#octets(d, steps)
  }

  /** Those that follow one another without octets between them. */
  #part(d: Decoder, steps: UploadStep[]): void {
    for (;;) {
      if (++this.#parts > mostParts) d.fail(`at most ${mostParts} parts`)
      if (!d.tryWord('URL')) break
      steps.push({ kind: 'url', url: d.sp().astring() })
      if (this.#endsParts(d, steps)) return
    }
    if (d.tryWord('TEXT')) d.sp()
    else if (d.ahead(4).toUpperCase() !== 'UTF8') d.fail('URL or TEXT')
    this.#octets(d, steps)
  }

  #octets(d: Decoder, steps: UploadStep[]): void {
    this.#inUtf8 = d.tryChars('UTF8 (')
    if (!d.literalAhead()) d.fail('literal')
    this.#isBehindOctets = true
    steps.push({ kind: 'octets', isWhole: !this.#inParts })
  }

  #behindOctets(d: Decoder, steps: UploadStep[]): void {
    this.#isBehindOctets = false
    if (this.#inUtf8) d.expect(')')
    if (!this.#inParts) steps.push({ kind: 'complete' })
    else if (!this.#endsParts(d, steps)) this.#part(d, steps)
  }

  #endsParts(d: Decoder, steps: UploadStep[]): boolean {
    if (!d.tryChar(')')) {
      d.sp()
      return false
    }
    this.#inParts = false
    steps.push({ kind: 'complete' })
    return true
  }
}

/** ` mailbox` */
export function appendArguments(d: Decoder): { mailbox: string } {
  return { mailbox: d.sp().mailbox() }
}

/** ` 4 mailbox`. RFC 8508 §3.2. */
export function replaceArguments(d: Decoder): { old: SequenceSet; mailbox: string } {
  const at = d.sp().offset
  const old = d.sequenceSet()
  const [only, ...more] = old.kind === 'ranges' ? old.ranges : []
  if (!only || only.first !== only.last || more.length > 0) d.fail('one message', at)
  return { old, ...appendArguments(d) }
}

/** ` (\Seen) "date" ` */
function messageOptions(d: Decoder): MessageOptions {
  const flags = d.sp().peek() === '(' ? d.flagList() : undefined
  if (flags) d.sp()
  const receivedAt = d.peek() === '"' ? dateTime(d) : undefined
  if (receivedAt !== undefined) d.sp()
  return { flags: flags ?? [], receivedAt }
}

function dateTime(d: Decoder): number {
  const at = d.offset
  return parseImapDateTime(d.astring())?.at ?? d.fail('date-time', at)
}

/** Whether the literal that this text ends with belongs into a message of an APPEND or REPLACE, to be streamed. */
export function beginsMessage(text: string, dialect: Dialect): boolean {
  if (!/^[^ ]+ (?:APPEND|(?:UID )?REPLACE) /i.test(text)) return false
  const d = new Decoder(text, dialect)
  try {
    d.tag()
    if (uploadName(d.sp()) === 'APPEND') appendArguments(d)
    else replaceArguments(d)
  } catch (error) {
    if (error instanceof BadSyntax) return false
    throw error
  }
  return new UploadGrammar().endsWithOctets(text, d)
}

/** Reads the name of the command. */
export function uploadName(d: Decoder): 'APPEND' | 'REPLACE' | 'UID REPLACE' {
  const first = d.keyword('command')
  if (first === 'APPEND') return 'APPEND'
  if (first === 'REPLACE') return 'REPLACE'
  d.sp().keyword('command')
  return 'UID REPLACE'
}
