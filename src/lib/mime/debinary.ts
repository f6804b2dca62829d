import { base64Lines } from './base64-lines.ts'
import { readHeader } from './header.ts'
import { indexMessage } from './indexer.ts'
import type { MessagePart } from './message-index.ts'
import { asBuffer } from './octets.ts'
import { isMessageType } from './sections.ts'

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * A message that came as BODY=BINARYMIME in a form that every store and relay can carry: binary leaves become
 * base64 (RFC 3030 §3). Gives the same bytes back when nothing needs it.
 */
export function debinary(bytes: Uint8Array): Uint8Array {
  return rewritten(bytes, partEdits)
}

/**
 * A message as BODY=8BITMIME for a server that takes 7-bit ones only: leaves with octets above 127 become base64
 * (RFC 6152 §3). Headers stay as they are. Gives the same bytes back when nothing needs it.
 */
export function sevenBit(bytes: Uint8Array): Uint8Array {
  return rewritten(bytes, sevenBitEdits)
}

function rewritten(bytes: Uint8Array, editsOf: (message: Buffer, part: MessagePart) => Edit[]): Uint8Array {
  const message = asBuffer(bytes)
  const { parts } = indexMessage(message)
  const edits = parts.flatMap((part) => editsOf(message, part))
  if (edits.length === 0) return bytes
  const pieces: Buffer[] = []
  let at = 0
  for (const { start, end, text } of edits) {
    pieces.push(message.subarray(at, start), Buffer.from(text, 'latin1'))
    at = end
  }
  return Buffer.concat([...pieces, message.subarray(at)])
}

const identity = new Set(['7bit', '8bit', 'binary'])

/** What changes in one entity, in the order of the message. */
function partEdits(message: Buffer, part: MessagePart): Edit[] {
  if (!identity.has(part.encoding)) return []
  if (isLeaf(part) && !isText(bodyOf(message, part))) return base64Edits(message, part)
  return part.encoding === 'binary' ? encodingEdits(message, part, '8bit') : []
}

/** The same towards 7 bits. RFC 2045 §6.4: what holds other entities says what the strongest of them needs. */
function sevenBitEdits(message: Buffer, part: MessagePart): Edit[] {
  if (!identity.has(part.encoding)) return []
  if (isLeaf(part) && !isAsciiText(bodyOf(message, part))) return base64Edits(message, part)
  return part.encoding === '7bit' ? [] : encodingEdits(message, part, '7bit')
}

function isLeaf({ type }: MessagePart): boolean {
  return !type.startsWith('multipart/') && !isMessageType(type)
}

function bodyOf(message: Buffer, { bodyStart, bodyEnd }: MessagePart): Buffer {
  return message.subarray(bodyStart, bodyEnd)
}

function base64Edits(message: Buffer, part: MessagePart): Edit[] {
  const lines = base64Lines(bodyOf(message, part))
  // The line end before a delimiter is already there.
  const text = part.bodyEnd === message.length && lines !== '' ? `${lines}\r\n` : lines
  return [...encodingEdits(message, part, 'base64'), { start: part.bodyStart, end: part.bodyEnd, text }]
}

/** The field is replaced where it stands; a header without one gets it before its empty line. */
function encodingEdits(message: Buffer, { headerStart, bodyStart }: MessagePart, encoding: string): Edit[] {
  const header = readHeader(message.subarray(headerStart, bodyStart))
  const line = `Content-Transfer-Encoding: ${encoding}\r\n`
  const present = header.fields.filter(({ name }) => name === 'content-transfer-encoding')
  if (present.length === 0) {
    const at = headerStart + (header.fields.at(-1)?.end ?? 0)
    return [{ start: at, end: at, text: line }]
  }
  return present.map(({ start, end }, index) => ({
    start: headerStart + start,
    end: headerStart + end,
    text: index === 0 ? line : '',
  }))
}

const lf = 10
const cr = 13

/** RFC 5322 §2.1.1, without the line end. */
const longestLine = 998

/** Lines that RFC 2045 §2.8 calls 8bit: ended by CRLF, short enough, without NUL. */
function isText(body: Buffer): boolean {
  if (body.includes(0)) return false
  let line = 0
  while (line < body.length) {
    const newline = body.indexOf(lf, line)
    const end = newline < 0 ? body.length : newline - 1
    const firstCr = body.indexOf(cr, line)
    const isCrRight = newline < 0 ? firstCr < 0 : firstCr === end
    if (!isCrRight || end - line > longestLine) return false
    line = newline < 0 ? body.length : newline + 1
  }
  return true
}

function isAsciiText(body: Buffer): boolean {
  return isText(body) && !/[\x80-\xff]/.test(body.toString('latin1'))
}
