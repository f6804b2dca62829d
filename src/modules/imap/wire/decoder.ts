import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { type FoundMailboxName, mailboxNameOnWire } from './mailbox-name.ts'
import { type SequenceSet, sequenceSet } from './sequence-set.ts'
import { isAscii, textOf } from './text.ts'

export interface Dialect {
  /** Mailbox names are UTF-8 (IMAP4rev2 or UTF8=ACCEPT enabled), not modified UTF-7. RFC 9051 §5.1, RFC 9755 §3. */
  readonly utf8Names: boolean
}

// RFC 9051 §9: ATOM-CHAR is any CHAR except atom-specials; ASTRING-CHAR also allows "]", list-char the wildcards too.
// Octets above 127 pass: clients do send UTF-8 where they should not, and nobody else claims these octets.
const atomChars = /[^\x00-\x1f\x7f (){%*"\\\]]+/y
const astringChars = /[^\x00-\x1f\x7f (){%*"\\]+/y
const listChars = /[^\x00-\x1f\x7f (){"\\]+/y
const tagChars = /[^\x00-\x1f\x7f (){%*"\\+]+/y
const quotedRun = /[^"\\\r\n\0]+/y
const digits = /[0-9]+/y
const setChars = /[0-9:*,]+/y
const base64Chars = /[A-Za-z0-9+/=]+/y
const itemChars = /[A-Za-z0-9.-]+/y
const literalMark = /(~?)\{([0-9]{1,19})(\+?)\}\r?\n/y

/**
 * Reads one IMAP command. Pure and synchronous: the octets are here, one character each, literals included where they
 * stand. Methods are named after the rules of RFC 9051 §9: they insist; those named `try…` look and may find nothing.
 */
export class Decoder {
  readonly #text: string
  readonly #dialect: Dialect
  #at: number
  #namesNumbers = false

  constructor(text: string, dialect: Dialect = { utf8Names: false }, at = 0) {
    this.#text = text
    this.#dialect = dialect
    this.#at = at
  }

  get offset(): number {
    return this.#at
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  peek(): string {
    return this.#text[this.#at] ?? ''
  }

  /** The next characters, as far as there are any. */
  ahead(count: number): string {
    return this.#text.slice(this.#at, this.#at + count)
  }

  sp(): this {
    return this.expect(' ', 'SP')
  }

  trySp(): boolean {
    return this.tryChar(' ')
  }

  end(): void {
    if (!this.atEnd) this.fail('end of command')
  }

  expect(token: string, what = `"${token}"`): this {
    if (!this.#text.startsWith(token, this.#at)) this.fail(what)
    this.#at += token.length
    return this
  }

  tryChar(char: string): boolean {
    if (this.peek() !== char) return false
    this.#at++
    return true
  }

  tryChars(chars: string): boolean {
    const end = this.#at + chars.length
    if (this.#text.slice(this.#at, end).toUpperCase() !== chars) return false
    this.#at = end
    return true
  }

  /** Takes the dot of `1.2`, leaves that of `1.MIME`. */
  tryDotBeforeDigit(): boolean {
    if (!/^\.[1-9]/.test(this.#text.slice(this.#at, this.#at + 2))) return false
    this.#at++
    return true
  }

  /** A word of the grammar in any case, whole: not the beginning of a longer atom. */
  tryWord(word: string): boolean {
    const end = this.#at + word.length
    if (this.#text.slice(this.#at, end).toUpperCase() !== word) return false
    atomChars.lastIndex = end
    if (atomChars.test(this.#text)) return false
    this.#at = end
    return true
  }

  tag(): string {
    return this.#run(tagChars, 'tag')
  }

  atom(): string {
    return this.#run(atomChars, 'atom')
  }

  /** An atom in capitals: names of commands, items and options. */
  keyword(what = 'keyword'): string {
    return this.#run(atomChars, what).toUpperCase()
  }

  /** Name of a fetch item or section, in capitals: ends at brackets, which atoms do not. */
  itemName(): string {
    return this.#run(itemChars, 'name').toUpperCase()
  }

  /** As text: UTF-8, or windows-1252 where the octets are no UTF-8. */
  astring(): string {
    return textOf(this.astringOctets())
  }

  astringOctets(): string {
    return this.#startsString() ? this.#stringOctets() : this.#run(astringChars, 'astring')
  }

  string(): string {
    return textOf(this.#startsString() ? this.#stringOctets() : this.fail('string'))
  }

  nstring(): string | undefined {
    return this.tryWord('NIL') ? undefined : this.string()
  }

  nstringOctets(): string | undefined {
    if (this.tryWord('NIL')) return undefined
    return this.#startsString() ? this.#stringOctets() : this.fail('nstring')
  }

  mailbox(): string {
    return this.#mailboxName(this.astringOctets())
  }

  /** LIST's reference name is often empty. */
  mailboxOrEmpty(): string {
    const octets = this.astringOctets()
    return octets === '' ? '' : this.#mailboxName(octets)
  }

  /** With `*` and `%`. RFC 9051 §6.3.9. */
  listMailbox(): string {
    const octets = this.#startsString() ? this.#stringOctets() : this.#run(listChars, 'list-mailbox')
    return this.#dialect.utf8Names ? textOf(octets) : mailboxNameOnWire.readPattern(octets)
  }

  /** 32 bits. */
  number(): number {
    const at = this.#at
    const value = this.number64()
    return value <= 0xffff_ffff ? value : this.fail('number of 32 bits', at)
  }

  /** 63 bits on the wire; what does not fit a double exactly is no number that this server ever gave. */
  number64(): number {
    const at = this.#at
    const value = Number(this.#run(digits, 'number'))
    return Number.isSafeInteger(value) ? value : this.fail('number of 63 bits', at)
  }

  nzNumber(): number {
    const at = this.#at
    const value = this.number()
    return value > 0 ? value : this.fail('number above 0', at)
  }

  /** `1:4,7,9:*`, or `$` for what SEARCH saved. */
  sequenceSet(): SequenceSet {
    if (this.tryChar('$')) return { kind: 'saved' }
    const at = this.#at
    return sequenceSet(this.#run(setChars, 'sequence-set')) ?? this.fail('sequence-set', at)
  }

  /** The same of message numbers alone. */
  messageNumbers(): SequenceSet {
    const set = this.sequenceSet()
    this.#namesNumbers ||= set.kind === 'ranges'
    return set
  }

  /** Whether message numbers were read, beside those that a command takes without `UID` before it. RFC 9586 §3.1. */
  get namesNumbers(): boolean {
    return this.#namesNumbers
  }

  startsSequenceSet(): boolean {
    return /[0-9*$]/.test(this.peek())
  }

  flag(): string {
    const at = this.#at
    const name = this.tryChar('\\') ? `\\${this.atom()}` : this.atom()
    return isAscii(name) ? name : this.fail('flag', at)
  }

  /** RFC 4959: base64, or `=` for an answer of no octets. */
  initialResponse(): string {
    return this.#run(base64Chars, 'initial-resp')
  }

  flagList(): string[] {
    return this.list(() => this.flag())
  }

  /** Zero or more items in parentheses, separated by single spaces. */
  list<T>(item: () => T): T[] {
    this.expect('(')
    const items: T[] = []
    while (!this.tryChar(')')) {
      if (items.length > 0) this.sp()
      items.push(item())
    }
    return items
  }

  /** One or more. */
  listOfSome<T>(item: () => T): T[] {
    const items = this.list(item)
    return items.length > 0 ? items : this.fail('at least one item')
  }

  /** The octet count at the beginning of a literal that is not here yet, or undefined where none begins. */
  literalAhead(): { size: number; binary: boolean } | undefined {
    literalMark.lastIndex = this.#at
    const [, tilde, size] = literalMark.exec(this.#text) ?? []
    return size === undefined ? undefined : { size: Number(size), binary: tilde === '~' }
  }

  fail(expected: string, at = this.#at): never {
    throw new BadSyntax(`Expected ${expected} at ${at}`, at)
  }

  #mailboxName(octets: string): string {
    const at = this.#at - octets.length
    const name: FoundMailboxName = this.#dialect.utf8Names
      ? mailboxNameOnWire.readUtf8(octets)
      : mailboxNameOnWire.readUtf7(octets)
    return name ?? this.fail('mailbox name', Math.max(0, at))
  }

  #startsString(): boolean {
    const char = this.peek()
    return char === '"' || char === '{' || char === '~'
  }

  #stringOctets(): string {
    return this.peek() === '"' ? this.#quoted() : this.#literal()
  }

  #quoted(): string {
    this.#at++
    let out = ''
    for (;;) {
      out += this.#tryRun(quotedRun)
      if (this.tryChar('"')) return out
      if (!this.tryChar('\\')) this.fail('closing quote')
      const char = this.peek()
      if (char !== '"' && char !== '\\') this.fail('quoted-special')
      this.#at++
      out += char
    }
  }

  #literal(): string {
    literalMark.lastIndex = this.#at
    const found = literalMark.exec(this.#text)
    // An atom may begin with a tilde: `~ann` is a fine mailbox name.
    if (!found) return this.peek() === '~' ? this.#run(astringChars, 'astring') : this.fail('literal')
    const start = this.#at + found[0].length
    const end = start + Number(found[2])
    if (end > this.#text.length) this.fail('literal', this.#text.length)
    this.#at = end
    const octets = this.#text.slice(start, end)
    // RFC 9051 §4.3: NUL is for literal8 alone.
    return found[1] === '' && octets.includes('\0') ? this.fail('no NUL in a literal', start) : octets
  }

  #run(chars: RegExp, what: string): string {
    const run = this.#tryRun(chars)
    return run === '' ? this.fail(what) : run
  }

  #tryRun(chars: RegExp): string {
    chars.lastIndex = this.#at
    if (!chars.test(this.#text)) return ''
    const start = this.#at
    this.#at = chars.lastIndex
    return this.#text.slice(start, this.#at)
  }
}
