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
  if (text === 'header' || text === 'text') {
    const message = messageAt(parts, number)
    return message === undefined ? undefined : rangeOf(message, text)
  }
  if (number !== '') {
    const part = findPart(parts, number)
    return part === undefined ? undefined : rangeOf(part, text === 'mime' ? 'header' : 'text')
  }
  const message = parts[0]
  return message === undefined || text === 'mime'
    ? undefined
    : { start: message.headerStart, end: message.bodyEnd }
}

/** The entity that `BINARY[number]` or `BODY[number]` reads. */
export function findPart(parts: readonly MessagePart[], number: string): MessagePart | undefined {
  return parts.find(({ section }) => section === number)
}

/** HEADER and TEXT are of the message itself, or of the one inside a message/rfc822 part. */
function messageAt(parts: readonly MessagePart[], number: string): MessagePart | undefined {
  if (number === '') return parts[0]
  const holder = parts.findIndex(({ section, type }) => section === number && isMessageType(type))
  return holder < 0 ? undefined : parts.find(({ parent }) => parent === holder)
}

function rangeOf({ headerStart, bodyStart, bodyEnd }: MessagePart, text: 'header' | 'text'): ByteRange {
  return text === 'header' ? { start: headerStart, end: bodyStart } : { start: bodyStart, end: bodyEnd }
}

export const isMessageType = (type: string): boolean => type === 'message/rfc822' || type === 'message/global'

/** A part without its section, which follows from the others. */
export type UnnumberedPart = Omit<MessagePart, 'section'>

/** Gives every entity its section; entities stand in document order, the message first. */
export function numberParts(entities: readonly UnnumberedPart[]): MessagePart[] {
  const hasParts = new Set(entities.map(({ parent }) => parent))
  const children = new Map<number, number>()
  const numbers: string[] = []
  return entities.map((entity, index) => {
    const holder = entities[entity.parent]
    const isMessage = holder === undefined || isMessageType(holder.type)
    const above = numbers[entity.parent] ?? ''
    const order = (children.get(entity.parent) ?? 0) + 1
    children.set(entity.parent, order)
    const isSplit = entity.type.startsWith('multipart/') && hasParts.has(index)
    // the parts of a multipart message are numbered as if it were not there
    numbers.push(isMessage && isSplit ? above : below(above, String(order)))
    const section = isMessage && isSplit ? below(above, 'TEXT') : (numbers[index] ?? '')
    return { section, ...entity }
  })
}

function below(above: string, name: string): string {
  return above === '' ? name : `${above}.${name}`
}

type PackedPart = readonly [
  parent: number,
  headerStart: number,
  bodyStart: number,
  bodyEnd: number,
  lines: number,
  type: string,
  encoding: string,
  charset?: string | null,
  name?: string | null,
  disposition?: string | null,
  contentId?: string | null,
]

/** A short text of the parts, for the store. */
export function packParts(parts: readonly MessagePart[]): string {
  return JSON.stringify(parts.map(packPart))
}

function packPart(part: MessagePart): unknown[] {
  const { parent, headerStart, bodyStart, bodyEnd, lines, type, encoding } = part
  const rare = [part.charset, part.name, part.disposition, part.contentId]
  const used = rare.findLastIndex((value) => value !== undefined) + 1
  return [parent, headerStart, bodyStart, bodyEnd, lines, type, encoding, ...rare.slice(0, used)]
}

export function unpackParts(packed: string): MessagePart[] {
  return numberParts((JSON.parse(packed) as PackedPart[]).map(unpackPart))
}

function unpackPart(packed: PackedPart): UnnumberedPart {
  const [
    parent,
    headerStart,
    bodyStart,
    bodyEnd,
    lines,
    type,
    encoding,
    charset,
    name,
    disposition,
    contentId,
  ] = packed
  return {
    parent,
    headerStart,
    bodyStart,
    bodyEnd,
    lines,
    type,
    encoding,
    charset: charset ?? undefined,
    name: name ?? undefined,
    disposition: disposition ?? undefined,
    contentId: contentId ?? undefined,
  }
}
