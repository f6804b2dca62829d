import type { SectionText } from '../../../lib/mime/sections.ts'
import type { Decoder } from './decoder.ts'
import { type PartialRange, partialRange } from './partial-range.ts'

/** What FETCH gives of a message. RFC 9051 §6.4.5, RFC 3501 §6.4.5, RFC 7162 §3.1.4, RFC 8474 §5, RFC 8970. */
export type FetchItem =
  | { readonly kind: SimpleItem }
  | {
      readonly kind: 'section'
      /** As the response names it: `BODY[1.MIME]<0>`. */
      readonly label: string
      readonly part: string
      readonly text: SectionText
      /** HEADER.FIELDS, HEADER.FIELDS.NOT: names in lower case. */
      readonly fields: { readonly keep: boolean; readonly names: readonly string[] } | undefined
      readonly partial: Partial | undefined
      readonly peek: boolean
    }
  | {
      readonly kind: 'binary'
      readonly label: string
      readonly part: string
      readonly partial: Partial | undefined
      readonly peek: boolean
    }
  | { readonly kind: 'binary-size'; readonly label: string; readonly part: string }

export type SimpleItem =
  | 'uid'
  | 'flags'
  | 'received'
  | 'saved'
  | 'size'
  | 'envelope'
  | 'structure'
  | 'basic-structure'
  | 'modseq'
  | 'email-id'
  | 'thread-id'
  | 'preview'

export interface Partial {
  readonly from: number
  readonly octets: number
}

export interface FetchArguments {
  readonly items: readonly FetchItem[]
  /** RFC 7162 §3.1.4.1. */
  readonly changedSince: number | undefined
  /** RFC 7162 §3.2.6: uids of the set that went since then are told too. */
  readonly vanished: boolean
  /** RFC 9394 §3.3: which of the messages that the set names. */
  readonly partial: PartialRange | undefined
}

const simple: Readonly<Record<string, SimpleItem>> = {
  UID: 'uid',
  FLAGS: 'flags',
  INTERNALDATE: 'received',
  SAVEDATE: 'saved',
  'RFC822.SIZE': 'size',
  ENVELOPE: 'envelope',
  BODYSTRUCTURE: 'structure',
  MODSEQ: 'modseq',
  EMAILID: 'email-id',
  THREADID: 'thread-id',
}

const macros: Readonly<Record<string, readonly SimpleItem[]>> = {
  ALL: ['flags', 'received', 'size', 'envelope'],
  FAST: ['flags', 'received', 'size'],
  FULL: ['flags', 'received', 'size', 'envelope', 'basic-structure'],
}

/** Behind the set. */
export function fetchArguments(d: Decoder): FetchArguments {
  d.sp()
  const items = d.peek() === '(' ? d.listOfSome(() => fetchItem(d)) : itemOrMacro(d)
  return { items, ...(d.trySp() ? modifiers(d) : noModifiers) }
}

type Modifiers = Omit<FetchArguments, 'items'>

const noModifiers: Modifiers = { changedSince: undefined, vanished: false, partial: undefined }

function modifiers(d: Decoder): Modifiers {
  let { changedSince, vanished, partial } = noModifiers
  d.listOfSome(() => {
    if (d.tryWord('VANISHED')) vanished = true
    else if (d.tryWord('CHANGEDSINCE')) changedSince = d.sp().number64()
    else if (d.tryWord('PARTIAL')) partial = partialRange(d.sp())
    else d.fail('fetch-modifier')
  })
  if (vanished && changedSince === undefined) d.fail('CHANGEDSINCE')
  return { changedSince, vanished, partial }
}

/** RFC 5465 §5.2: items in brackets, no macros. */
export function fetchAttributes(d: Decoder): FetchItem[] {
  return d.listOfSome(() => fetchItem(d))
}

function itemOrMacro(d: Decoder): readonly FetchItem[] {
  for (const [name, kinds] of Object.entries(macros)) {
    if (d.tryWord(name)) return kinds.map((kind) => ({ kind }))
  }
  return [fetchItem(d)]
}

function fetchItem(d: Decoder): FetchItem {
  const at = d.offset
  const name = d.itemName()
  const kind = simple[name]
  if (kind) return { kind }
  switch (name) {
    case 'BODY':
      return d.peek() === '[' ? section(d, 'BODY', false) : { kind: 'basic-structure' }
    case 'BODY.PEEK':
      return section(d, 'BODY', true)
    case 'BINARY':
      return binary(d, false)
    case 'BINARY.PEEK':
      return binary(d, true)
    case 'BINARY.SIZE': {
      const part = binaryPart(d)
      return { kind: 'binary-size', part, label: `BINARY.SIZE[${part}]` }
    }
    case 'RFC822':
      return whole(name, 'body', false)
    case 'RFC822.HEADER':
      return whole(name, 'header', true)
    case 'RFC822.TEXT':
      return whole(name, 'text', false)
    case 'PREVIEW':
      return preview(d)
    default:
      return d.fail('fetch-att', at)
  }
}

function whole(label: string, text: SectionText, peek: boolean): FetchItem {
  return { kind: 'section', label, part: '', text, fields: undefined, partial: undefined, peek }
}

/** Previews are at hand, so LAZY changes nothing. RFC 8970 §3.1. */
function preview(d: Decoder): FetchItem {
  d.tryChars(' (LAZY)')
  return { kind: 'preview' }
}

function section(d: Decoder, name: string, peek: boolean): FetchItem {
  d.expect('[')
  const part = partNumber(d)
  const whole = part !== '' && d.peek() === ']'
  if (part !== '' && !whole) d.expect('.')
  const { text, fields, spec } = sectionText(d, part, whole)
  d.expect(']')
  const partial = tryPartial(d)
  const inside = part !== '' && spec !== '' ? `${part}.${spec}` : `${part}${spec}`
  return { kind: 'section', label: `${name}[${inside}]${origin(partial)}`, part, text, fields, partial, peek }
}

function sectionText(
  d: Decoder,
  part: string,
  whole: boolean,
): Pick<Extract<FetchItem, { kind: 'section' }>, 'text' | 'fields'> & { spec: string } {
  if (whole || (part === '' && d.peek() === ']')) return { text: 'body', fields: undefined, spec: '' }
  const at = d.offset
  const spec = d.itemName()
  switch (spec) {
    case 'HEADER':
      return { text: 'header', fields: undefined, spec }
    case 'TEXT':
      return { text: 'text', fields: undefined, spec }
    case 'MIME':
      // RFC 9051 §6.4.5.1: MIME needs a part.
      return part === '' ? d.fail('section-msgtext', at) : { text: 'mime', fields: undefined, spec }
    case 'HEADER.FIELDS':
    case 'HEADER.FIELDS.NOT': {
      const named = d.sp().listOfSome(() => d.astringOctets())
      const fields = { keep: spec === 'HEADER.FIELDS', names: named.map((field) => field.toLowerCase()) }
      return { text: 'header', fields, spec: `${spec} (${named.map(fieldName).join(' ')})` }
    }
    default:
      return d.fail('section-text', at)
  }
}

function fieldName(name: string): string {
  if (/^[^\x00-\x20\x7f-\xff(){%*"\\\]]+$/.test(name)) return name
  return /[\r\n\0]/.test(name) ? `{${name.length}}\r\n${name}` : `"${name.replace(/["\\]/g, '\\$&')}"`
}

function binary(d: Decoder, peek: boolean): FetchItem {
  const part = binaryPart(d)
  const partial = tryPartial(d)
  return { kind: 'binary', label: `BINARY[${part}]${origin(partial)}`, part, partial, peek }
}

function binaryPart(d: Decoder): string {
  d.expect('[')
  const part = partNumber(d)
  d.expect(']')
  return part
}

/** `1.2.3`, or '' for the message itself; a final dot is left to whoever reads on. */
function partNumber(d: Decoder): string {
  if (!/[1-9]/.test(d.peek())) return ''
  const numbers = [d.nzNumber()]
  while (d.tryDotBeforeDigit()) numbers.push(d.nzNumber())
  return numbers.join('.')
}

function tryPartial(d: Decoder): Partial | undefined {
  if (!d.tryChar('<')) return undefined
  const from = d.number64()
  const octets = d.expect('.').number64()
  if (octets === 0) d.fail('nz-number')
  d.expect('>')
  return { from, octets }
}

function origin(partial: Partial | undefined): string {
  return partial ? `<${partial.from}>` : ''
}
