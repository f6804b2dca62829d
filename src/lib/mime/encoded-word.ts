import { decodeCharset } from './charset.ts'

/** RFC 2047 §2, with the blanks inside that some senders leave. */
const word = /=\?([^?\s]{1,64})\?([bq])\?([^?]*)\?=/giy
const between = /[ \t\r\n]+/y

/** Unfolded text with its RFC 2047 words decoded. */
export function decodeWords(text: string): string {
  let at = text.indexOf('=?')
  if (at < 0) return text
  let out = ''
  let plain = 0
  while (at >= 0) {
    const run = readRun(text, at)
    if (run === undefined) {
      at = text.indexOf('=?', at + 2)
    } else {
      out += text.slice(plain, at) + run.text
      plain = run.end
      at = text.indexOf('=?', plain)
    }
  }
  return out + text.slice(plain)
}

/** Charsets that begin every word anew with an escape; joined, the escapes would collide. */
const hasState = /^(?:iso-2022|hz|utf-7)/

interface Word {
  readonly charset: string
  readonly encoding: string
  text: string
}

/** Words with only blanks between them are one text (RFC 2047 §6.2); a character may be cut between two of them. */
function readRun(text: string, start: number): { readonly text: string; readonly end: number } | undefined {
  const words: Word[] = []
  let end = start
  let at = start
  for (;;) {
    word.lastIndex = at
    const match = word.exec(text)
    if (match === null) break
    addWord(words, match[1] ?? '', (match[2] ?? '').toLowerCase(), match[3] ?? '')
    end = word.lastIndex
    between.lastIndex = end
    at = between.test(text) ? between.lastIndex : end
  }
  return words.length === 0 ? undefined : { text: words.map(readWord).join(''), end }
}

function addWord(words: Word[], label: string, encoding: string, text: string): void {
  // RFC 2231 §5: a language may follow the charset
  const charset = label.replace(/\*.*/, '').toLowerCase()
  const last = words.at(-1)
  if (last?.charset === charset && last.encoding === encoding && !hasState.test(charset)) {
    last.text += encoding === 'b' && last.text.endsWith('=') ? `\n${text}` : text
  } else {
    words.push({ charset, encoding, text })
  }
}

function readWord({ charset, encoding, text }: Word): string {
  return decodeCharset(encoding === 'b' ? fromBase64(text) : fromQ(text), charset)
}

function fromBase64(text: string): Buffer {
  return Buffer.concat(text.split('\n').map((piece) => Buffer.from(piece, 'base64')))
}

/** RFC 2047 §4.2. */
function fromQ(text: string): Buffer {
  const octets = Buffer.from(text.replaceAll('_', ' ').replace(/=([0-9a-f]{2})/gi, fromHex), 'latin1')
  return /[\u0100-\uffff]/.test(text) ? Buffer.from(text, 'utf8') : octets
}

const fromHex = (_: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))

/** So that a word stays within 75 characters (RFC 2047 §2). */
const octetsInWord = 45

/** 7-bit text of any text: RFC 2047 words where it is not ASCII. */
export function encodeWords(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text
  const pieces = text.split(/([ \t]+)/)
  const first = pieces.findIndex((piece) => /[^\0-\x7f]/.test(piece))
  const last = pieces.findLastIndex((piece) => /[^\0-\x7f]/.test(piece))
  const foreign = wordsOf(pieces.slice(first, last + 1).join(''))
  return pieces.slice(0, first).join('') + foreign + pieces.slice(last + 1).join('')
}

/** 7-bit text of a display name: where it is not ASCII all of it is encoded, for a bare comma would end it (RFC 2047 §5). */
export function encodePhrase(text: string): string {
  return /[^\0-\x7f]/.test(text) ? wordsOf(text) : text
}

function wordsOf(text: string): string {
  const words: string[] = []
  let octets: string[] = []
  let length = 0
  for (const character of text) {
    const size = Buffer.byteLength(character)
    if (length + size > octetsInWord) {
      words.push(octets.join(''))
      octets = []
      length = 0
    }
    octets.push(character)
    length += size
  }
  words.push(octets.join(''))
  return words.map((piece) => `=?utf-8?B?${Buffer.from(piece).toString('base64')}?=`).join(' ')
}
