import { BadSyntax } from './bad-syntax.ts'

/** Walks over one command line; each method takes what it names or throws `BadSyntax`. */
export class Scanner {
  readonly #text: string
  #at: number

  constructor(text: string, at = 0) {
    this.#text = text
    this.#at = at
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** Blanks where the grammar has none are common and harmless. */
  blanks(): this {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++
    return this
  }

  end(): void {
    if (!this.blanks().atEnd) this.fail('Nothing may follow here')
  }

  /** Fixed text, in any case. */
  expect(text: string): this {
    if (!this.skip(text)) this.fail(`Expected ${text}`)
    return this
  }

  skip(text: string): boolean {
    const found = this.#text.slice(this.#at, this.#at + text.length)
    if (found.toUpperCase() !== text.toUpperCase()) return false
    this.#at += text.length
    return true
  }

  /** What a sticky pattern takes here; undefined where it does not fit. */
  take(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at
    const found = sticky.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  /** So many characters, whatever they are. */
  characters(count: number): string {
    const text = this.#text.slice(this.#at, this.#at + count)
    if (text.length < count) this.fail('The line ends too early')
    this.#at += count
    return text
  }

  /** Up to the next blank; may be empty. */
  word(): string {
    return this.take(/[^ \t]*/y) ?? ''
  }

  rest(): string {
    const rest = this.#text.slice(this.#at)
    this.#at = this.#text.length
    return rest.trim()
  }

  fail(message: string): never {
    throw new BadSyntax(message, this.#at)
  }
}
