import { createHash } from 'node:crypto'
import { formatMessageDate } from '../../../lib/mime/date.ts'
import { encodePhrase, encodeWords } from '../../../lib/mime/encoded-word.ts'

/** What a script sends, before it is text. */
export interface Outgoing {
  readonly now: number
  readonly seed: string
  /** Makes the Message-ID. */
  readonly domain: string
  /** Names and values as a person reads them, in order. */
  readonly fields: readonly (readonly [string, string])[]
  readonly body: string
  /** The body begins with MIME fields of its own. RFC 5230 §4.3. */
  readonly isMime: boolean
}

/** A whole message, lines ending in CRLF. */
export function writeOutgoing({ now, seed, domain, fields, body, isMime }: Outgoing): string {
  const content = isMime ? body : `${contentFields}\r\n${body}`
  const hash = createHash('sha256')
    .update(`${seed}\0${fields.join('\0')}\0${body}`)
    .digest('base64url')
    .slice(0, 24)
  const all: (readonly [string, string])[] = [
    ['Message-ID', `<${hash}.${now}@${domain}>`],
    ['Date', formatMessageDate(now)],
    ...fields,
    ['MIME-Version', '1.0'],
  ]
  const header = all.map(([name, value]) => fold(name, value)).join('')
  return `${header}${content.replace(/\r?\n/g, '\r\n')}${/\n$/.test(content) ? '' : '\r\n'}`
}

const contentFields = 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n'

/** `Name <address>`, the name quoted or encoded where it has to be. */
export function namedAddress(name: string | undefined, address: string): string {
  if (name === undefined || name.trim() === '') return address
  const plain = name.replace(/[\r\n]+/g, ' ').trim()
  if (/[^\0-\x7f]/.test(plain)) return `${encodePhrase(plain)} <${address}>`
  return `"${plain.replace(/["\\]/g, '\\$&')}" <${address}>`
}

/** At blanks, so that lines stay below 78 characters where they can (RFC 5322 §2.1.1). */
function fold(name: string, value: string): string {
  const lines: string[] = []
  let line = `${name}:`
  for (const word of encodeWords(value.replace(/[\r\n]+/g, ' ').trim()).split(' ')) {
    if (line.length + 1 + word.length > 78 && line !== `${name}:`) {
      lines.push(line)
      line = ''
    }
    line += ` ${word}`
  }
  return `${[...lines, line].join('\r\n')}\r\n`
}
