import { BadSyntax } from '../../../lib/bad-syntax.ts'
import type { Position } from './ast.ts'

export type Token =
  | {
      readonly kind: 'identifier' | 'tag'
      readonly text: string
      readonly start: number
      readonly end: number
    }
  | { readonly kind: 'number'; readonly value: number; readonly start: number; readonly end: number }
  | { readonly kind: 'string'; readonly text: string; readonly start: number; readonly end: number }
  | { readonly kind: Mark | 'end'; readonly start: number; readonly end: number }

type Mark = '{' | '}' | '(' | ')' | '[' | ']' | ',' | ';'

const blank = /(?:[ \t\r\n]+|#[^\n]*(?:\n|$))+/y
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y
const tag = /:([A-Za-z_][A-Za-z0-9_]*)/y
const number = /(\d+)([KMGkmg]?)(?![A-Za-z0-9_])/y
const quoted = /"((?:[^"\\\0]|\\[^\0])*)"/y
const multiLineStart = /text:[ \t]*(?:#[^\n]*)?\r?\n/iy
const unreadable = /[^\s"#;{}()[\],]+/y
const ruleName = /#\s*rule:\s*\[([^\]\r\n]{1,200})\]/g

const longestIdentifier = 32
const largestNumber = 2n ** 64n - 1n

/** Cuts a script into its tokens. RFC 5228 §8.1. */
export class Scanner {
  readonly text: string
  #at = 0
  #lineStarts: readonly number[] | undefined

  constructor(text: string) {
    // a byte order mark is what some editors leave
    this.text = text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text
  }

  /** The next token. Throws BadSyntax, and then stands behind what was wrong. */
  next(): Token {
    this.#skip()
    const start = this.#at
    const first = this.text.charAt(start)
    if (first === '') return { kind: 'end', start, end: start }
    if (isMark(first)) return { kind: first, start, end: ++this.#at }
    if (first === '"') return this.#quoted(start)
    return this.#multiLine(start) ?? this.#word(start)
  }

  /** What the comments between two places call the rule that follows. */
  ruleNameBetween(from: number, to: number): string | undefined {
    let name: string | undefined
    for (const match of this.text.slice(from, to).matchAll(ruleName)) name = match[1]?.trim()
    return name === '' ? undefined : name
  }

  position(offset: number): Position {
    this.#lineStarts ??= [...lineStarts(this.text)]
    const starts = this.#lineStarts
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }

  /** White space and both kinds of comment (RFC 5228 §2.3). */
  #skip(): void {
    for (;;) {
      this.#match(blank)
      if (!this.text.startsWith('/*', this.#at)) return
      const start = this.#at
      const close = this.text.indexOf('*/', start + 2)
      this.#at = close < 0 ? this.text.length : close + 2
      if (close < 0) throw new BadSyntax('this comment is never closed', start)
    }
  }

  #quoted(start: number): Token {
    const match = this.#match(quoted)
    if (match === undefined) {
      this.#at = this.text.length
      throw new BadSyntax('this string is never closed', start)
    }
    // RFC 5228 §2.4.2: a backslash before anything else means nothing
    const text = normalLines((match[1] ?? '').replace(/\\([\s\S])/g, '$1'))
    return { kind: 'string', text, start, end: this.#at }
  }

  /** RFC 5228 §2.4.2 multi-line: lines up to a lone dot, a leading dot doubled; one that is not stays. */
  #multiLine(start: number): Token | undefined {
    if (this.#match(multiLineStart) === undefined) return undefined
    const lines: string[] = []
    while (this.#at < this.text.length) {
      const newline = this.text.indexOf('\n', this.#at)
      const end = newline < 0 ? this.text.length : newline
      const line = this.text.slice(this.#at, end).replace(/\r$/, '')
      this.#at = newline < 0 ? end : end + 1
      if (line === '.') return { kind: 'string', text: joinLines(lines), start, end: this.#at }
      lines.push(line.startsWith('..') ? line.slice(1) : line)
    }
    throw new BadSyntax('this text has no closing line with a single dot', start)
  }

  #word(start: number): Token {
    const name = this.#match(identifier)
    if (name !== undefined) {
      return { kind: 'identifier', text: bounded(name[0], start), start, end: this.#at }
    }
    const tagged = this.#match(tag)
    if (tagged !== undefined)
      return { kind: 'tag', text: bounded(tagged[1] ?? '', start), start, end: this.#at }
    const digits = this.#match(number)
    if (digits !== undefined) return this.#number(digits, start)
    // one complaint for a whole run of what no token begins with
    if (this.#match(unreadable) === undefined) this.#at++
    throw new BadSyntax(
      `unexpected ${JSON.stringify(this.text.slice(start, Math.min(this.#at, start + 20)))}`,
      start,
    )
  }

  #number(match: RegExpExecArray, start: number): Token {
    const value = BigInt(match[1]?.slice(0, 25) ?? '0') * (units[(match[2] ?? '').toLowerCase()] ?? 1n)
    if (value > largestNumber) throw new BadSyntax('this number is too large', start)
    return { kind: 'number', value: Number(value), start, end: this.#at }
  }

  #match(rule: RegExp): RegExpExecArray | undefined {
    rule.lastIndex = this.#at
    const match = rule.exec(this.text)
    if (match === null) return undefined
    this.#at = rule.lastIndex
    return match
  }
}

/** RFC 5228 §2.4.1. */
const units: Readonly<Record<string, bigint>> = { k: 1024n, m: 1024n ** 2n, g: 1024n ** 3n }

function bounded(name: string, start: number): string {
  if (name.length > longestIdentifier)
    throw new BadSyntax(`${name.slice(0, 40)} is too long for a name`, start)
  return name.toLowerCase()
}

function isMark(text: string): text is Mark {
  return '{}()[],;'.includes(text)
}

function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('')
}

/** Lines in strings end in CRLF, whatever the editor wrote. */
function normalLines(text: string): string {
  return text.includes('\n') ? text.replace(/\r?\n/g, '\r\n') : text
}

function* lineStarts(text: string): Generator<number> {
  yield 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) yield at + 1
}
