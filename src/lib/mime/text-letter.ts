import { base64Lines } from './base64-lines.ts'
import { formatMessageDate } from './date.ts'
import { encodePhrase, encodeWords } from './encoded-word.ts'

interface TextLetter {
  readonly from: { readonly name: string; readonly address: string }
  readonly to: string
  /** One line. */
  readonly subject: string
  /** Any text. */
  readonly body: string
  readonly now: number
  /** Of the message, without its brackets. */
  readonly id: string
}

/** A letter to a person that nobody needs to answer. Whatever the texts are, the header has no more fields than these. */
export function textLetter({ from, to, subject, body, now, id }: TextLetter): Buffer {
  const text = `${body.replace(/\r\n?|\n/g, '\r\n').trimEnd()}\r\n`
  const lines = [
    `From: ${named(from)}`,
    `To: <${to}>`,
    `Subject: ${folded(encodeWords(oneLine(subject)))}`,
    `Date: ${formatMessageDate(now)}`,
    `Message-ID: <${id}>`,
    // RFC 3834 §5: no automatic answer to it
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    base64Lines(Buffer.from(text)),
    '',
  ]
  return Buffer.from(lines.join('\r\n'))
}

function named({ name, address }: TextLetter['from']): string {
  const line = oneLine(name)
  if (line === '') return `<${address}>`
  const phrase = encodePhrase(line)
  return phrase === line
    ? `"${line.replace(/["\\]/g, '\\$&')}" <${address}>`
    : `${folded(phrase)} <${address}>`
}

const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, ' ').trim()

/** Before each encoded word: a line with one is to be short, RFC 2047 §2. */
const folded = (text: string) => text.replaceAll(' =?', '\r\n =?')
