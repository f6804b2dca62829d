import { createHash } from 'node:crypto'
import { encodeWords } from '../../../lib/mime/encoded-word.ts'
import type { HeaderBlock } from './header-block.ts'
import type { Replacement } from './message-state.ts'

/** A part of plain text, or with `isMime` of a text that begins with its own header. */
export function composePart(text: string, isMime: boolean): Replacement {
  if (!isMime) return { header: `${textHeader}\r\n`, body: Buffer.from(text) }
  const match = /^([\s\S]*?\r?\n)\r?\n/.exec(text)
  // RFC 5703 §5: without an empty line it is all header
  if (match === null)
    return { header: latin1(`${text.replace(/(?:\r?\n)*$/, '')}\r\n\r\n`), body: Buffer.alloc(0) }
  return { header: latin1(`${match[1] ?? ''}\r\n`), body: Buffer.from(text.slice(match[0].length)) }
}

const textHeader = 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n'

/** Text and the message as its attachment. */
export function multipartOf(text: string, message: Buffer, seed: string): Replacement {
  const boundary = `=_${createHash('sha256').update(seed).update(`\0${message.length}\0${text}`).digest('base64url').slice(0, 40)}`
  const before = `--${boundary}\r\n${textHeader}\r\n${text}\r\n--${boundary}\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n`
  return {
    header: `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n`,
    body: Buffer.concat([Buffer.from(before), message, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  }
}

interface NewHeader {
  readonly original: HeaderBlock
  /** The Content fields of the new body, with an empty line. */
  readonly content: string
  readonly subject: string | undefined
  readonly from: string | undefined
  readonly extra?: readonly string[]
}

/** The header of a message whose body was replaced. RFC 5703 §5, §6. */
export function replacedHeader({ original, content, subject, from, extra = [] }: NewHeader): string {
  const isContent = /^(?:content-|mime-version:)/i
  const kept = original.fields.filter(
    ({ name, raw }) => !isContent.test(raw) && !isChanged(name, subject, from),
  )
  const renamed = original.fields
    .filter(({ name }) => isChanged(name, subject, from))
    .map(({ raw }) => `Original-${raw}`)
  const given = [
    ...(subject === undefined ? [] : [`Subject: ${oneLine(subject)}\r\n`]),
    ...(from === undefined ? [] : [`From: ${oneLine(from)}\r\n`]),
    ...extra.map((field) => `${oneLine(field)}\r\n`),
  ]
  const lines = [...kept.map(({ raw }) => raw), ...renamed, ...given].map((raw) =>
    raw.endsWith('\n') ? raw : `${raw}\r\n`,
  )
  return `${lines.join('')}MIME-Version: 1.0\r\n${content.replace(/^mime-version:.*\r?\n/im, '')}`
}

function isChanged(name: string, subject: string | undefined, from: string | undefined): boolean {
  return (name === 'subject' && subject !== undefined) || (name === 'from' && from !== undefined)
}

const oneLine = (text: string) => encodeWords(text.replace(/[\r\n]+/g, ' ').trim())
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1')
