import { decodeWords } from '../../../lib/mime/encoded-word.ts'
import { fieldText } from '../../../lib/mime/header.ts'
import type { HtmlContent } from '../content/html.ts'
import { findKind, kind, kindAt, skipKind } from '../content/letters.ts'
import type { Link } from '../content/links.ts'
import type { MessageContent } from '../content/message-content.ts'
import { readPeople } from '../rules/evidence.ts'
import { NumberSet } from './number-set.ts'

/** What the classifier counts of one message: 32-bit hashes, each once. */
export interface Tokens {
  readonly single: Int32Array
  /** Two words near each other: they say more than one, and nearly the same as each of them. */
  readonly pairs: Int32Array
}

/** Words that are looked at; spam hides behind long harmless tails. */
const mostWords = 3000
const mostFields = 200
const mostLinks = 200
const mostParts = 50
const longestValue = 1000

/**
 * Words of the text, and what the header, the links, HTML and MIME give away, told apart by where they stand. `symbols` are
 * the rules that hold: what they mean differs between people too.
 */
export function tokensOf(content: MessageContent, symbols: readonly string[]): Tokens {
  collector.clear()
  for (const symbol of symbols) collector.add('rule', symbol)
  addHeader(collector, content)
  let left = mostWords
  for (const { part, text, html } of content.texts) {
    left -= collector.addText('', text, left)
    collector.add('text', `${part.type} ${part.encoding}`)
    collector.add('charset', part.charset ?? '')
    if (html) addHtml(collector, html)
  }
  for (const link of content.links.slice(0, mostLinks)) addLink(collector, link)
  for (const { type, name, encoding } of content.attachments.slice(0, mostParts)) {
    collector.add('part', type)
    collector.add('encoding', encoding)
    const extension = /\.([a-z0-9]{1,8})$/i.exec(name ?? '')?.[1]
    if (extension) collector.add('extension', extension.toLowerCase())
  }
  return collector.tokens()
}

class Collector {
  readonly #single = new NumberSet()
  readonly #pairs = new NumberSet()

  clear(): void {
    this.#single.clear()
    this.#pairs.clear()
  }

  tokens(): Tokens {
    return { single: this.#single.values(), pairs: this.#pairs.values() }
  }

  add(place: string, what: string): void {
    this.#single.add(hash(what, hash(place)))
  }

  /** How many words were taken. */
  addText(place: string, text: string, most: number): number {
    const start = hash(place)
    let words = 0
    let before = 0
    let secondBefore = 0
    for (let at = findKind(text, 0, beginning); at < text.length && words < most; ) {
      const end = skipKind(text, at, within)
      const token = tokenOf(text, at, end, start)
      at = findKind(text, end, beginning)
      if (token === undefined) continue
      if (words > 0) this.#pairs.add(mixed(before, token, 1))
      if (words > 1) this.#pairs.add(mixed(secondBefore, token, 2))
      this.#single.add(token)
      secondBefore = before
      before = token
      words++
    }
    return words
  }
}

/** Used for one message after the other: room for thousands of numbers is not made anew for each. */
const collector = new Collector()

/** A word is `[\p{L}\p{N}$€£%!][\p{L}\p{N}$€£%!'’.,_-]*`. */
const beginning = kind.letter | kind.number | kind.mark
const within = beginning | kind.joiner
const longestWord = 40

/** Joiners at its end do not count. Undefined for what is too short then. */
function tokenOf(text: string, from: number, to: number, start: number): number | undefined {
  let end = to
  while (end > from && (kindAt(text, end - 1) & kind.joiner) !== 0) end--
  if (end - from < 2) return undefined
  if (end - from > longestWord) return hash(`long ${Math.floor(Math.log2(end - from))}`, start)
  return hashOfAscii(text, from, end, start) ?? hash(text.slice(from, end).toLowerCase(), start)
}

/** Of the word in lower case; a number counts by its shape. Undefined where it is not ASCII alone. */
function hashOfAscii(text: string, from: number, to: number, start: number): number | undefined {
  let value = start
  let shape = start
  let isNumber = true
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x80) return undefined
    const isDigit = unit >= 0x30 && unit <= 0x39
    isNumber &&= isDigit || unit === 0x2c || unit === 0x2e
    value = Math.imul(value ^ (unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit), prime)
    shape = Math.imul(shape ^ (isDigit ? 0x30 : unit), prime)
  }
  return Math.imul((isNumber ? shape : value) ^ endOfText, prime)
}

/** FNV-1a, over UTF-16 units. */
function hash(text: string, start = 0x811c9dc5): number {
  let value = start
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), prime)
  return Math.imul(value ^ endOfText, prime)
}

const prime = 0x01000193
const endOfText = 0xff

function mixed(first: number, second: number, distance: number): number {
  const value = Math.imul(first ^ (second >>> 15) ^ distance, 0x2c1b3c6d) ^ Math.imul(second, 0x297a2d39)
  return value ^ (value >>> 15)
}

function addHtml(collector: Collector, html: HtmlContent): void {
  // How often, roughly: ten tables or eleven are the same.
  for (const [name, count] of html.elements)
    collector.add('html', `${name} ${Math.min(4, Math.floor(Math.log2(count + 1)))}`)
  for (const colour of html.colours) collector.add('colour', colour)
  if (html.hiddenText !== '') collector.addText('hidden', html.hiddenText, 300)
}

const ofPeople = new Set(['from', 'reply-to', 'sender'])
const asText = new Set([
  'content-type',
  'errors-to',
  'importance',
  'mime-version',
  'organization',
  'precedence',
  'user-agent',
  'x-mailer',
  'x-msmail-priority',
  'x-priority',
])
const expected = [
  'to',
  'cc',
  'reply-to',
  'message-id',
  'subject',
  'mime-version',
  'in-reply-to',
  'references',
  'x-mailer',
  'user-agent',
]

/** What servers on the way put in front, ours among them: it is not the sender's, and another after each hop. */
const isTrace =
  /^(?:received|return-path|delivered-to|x-original-to|authentication-results|received-spf|x-spam.*|x-virus.*|dkim-signature|arc-.*)$/

function addHeader(collector: Collector, { header, index }: MessageContent): void {
  collector.addText('subject', index.subject, 100)
  const names = new Set<string>()
  let before = ''
  for (const field of header.fields.filter(({ name }) => !isTrace.test(name)).slice(0, mostFields)) {
    const { name, start } = field
    names.add(name)
    // As it is written: programs have their own capitals, and their own order.
    collector.add('field', header.text.slice(start, start + name.length))
    collector.add('order', `${before}>${name}`)
    before = name
    if (ofPeople.has(name)) addPeople(collector, name, fieldText(header, field))
    else if (asText.has(name))
      addProgram(collector, name, decodeWords(fieldText(header, field).slice(0, longestValue)))
    else if (name === 'message-id') addMessageId(collector, fieldText(header, field).slice(0, longestValue))
  }
  for (const name of expected) if (!names.has(name)) collector.add('missing', name)
}

function addProgram(collector: Collector, name: string, text: string): void {
  collector.addText(name, text.replace(/boundary=\S+/i, ''), 30)
}

function addMessageId(collector: Collector, id: string): void {
  const at = id.indexOf('@')
  collector.add('id host', id.slice(at).toLowerCase().slice(0, 80))
  collector.add('id shape', shapeOf(id.slice(0, Math.max(at, 0))))
}

/** `Ab12c` and `Xy7z` are of one shape. */
function shapeOf(text: string): string {
  return text
    .replace(/[a-z]+/g, 'a')
    .replace(/[A-Z]+/g, 'A')
    .replace(/\d+/g, '0')
    .slice(0, 30)
}

function addPeople(collector: Collector, field: string, text: string): void {
  for (const { name, local, domain } of readPeople(text).slice(0, 5)) {
    collector.add(field, `${local}@${domain}`.toLowerCase())
    for (const tail of tails(domain)) collector.add(`${field} domain`, tail)
    collector.add(`${field} shape`, shapeOf(local))
    collector.addText(`${field} name`, decodeWords(name ?? ''), 10)
    if (name === undefined) collector.add(field, '')
  }
}

/** `a.b.example` with all that ends it: `a.b.example`, `b.example`, `example`. */
function tails(domain: string): string[] {
  const labels = domain.toLowerCase().split('.').slice(-3)
  return labels.map((_, at) => labels.slice(at).join('.'))
}

function addLink(collector: Collector, { scheme, host, path, hasUser, port }: Link): void {
  for (const tail of tails(host)) collector.add('link', tail)
  collector.add('scheme', scheme)
  if (hasUser) collector.add('link', 'user')
  if (port !== '') collector.add('port', port)
  for (const word of path.split(/[^\p{L}\p{N}]+/u).slice(0, 12)) {
    if (word.length > 1 && word.length < 30)
      collector.add('path', /^\d+$/.test(word) ? '0' : word.toLowerCase())
  }
}
