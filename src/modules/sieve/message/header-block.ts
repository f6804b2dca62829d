import { decodeWords } from '../../../lib/mime/encoded-word.ts'
import { fieldText, type Header, scanHeader } from '../../../lib/mime/header.ts'

interface Field {
  readonly name: string
  /** As it stands, line ends included, one character per octet. */
  readonly raw: string
  /** Unfolded and trimmed, RFC 2047 words as they are. */
  readonly text: string
}

/** The header of a message or part, which `editheader` may change. Values are read when they are asked for. */
export class HeaderBlock {
  readonly #fields: readonly LazyField[]
  #byName: Map<string, LazyField[]> | undefined

  private constructor(fields: readonly LazyField[]) {
    this.#fields = fields
  }

  /** Of a header with or without its empty line, one character per octet. */
  static read(text: string): HeaderBlock {
    const header = scanHeader(text)
    return new HeaderBlock(header.fields.map((field) => new LazyField(field.name, header, field)))
  }

  get fields(): readonly Field[] {
    return this.#fields
  }

  has(name: string): boolean {
    return this.#named(name).length > 0
  }

  /** Fields of this name (lower case) from the top. */
  named(name: string): readonly Field[] {
    return this.#named(name)
  }

  /** Values as a person reads them: RFC 5228 §2.7.2. */
  decoded(name: string): string[] {
    return this.#named(name).map(({ decoded }) => decoded)
  }

  /** With another field at the top or the bottom. */
  with(raw: string, where: 'first' | 'last'): HeaderBlock {
    const [added] = HeaderBlock.read(raw).#fields
    if (added === undefined) return this
    return new HeaderBlock(where === 'first' ? [added, ...this.#fields] : [...this.#fields, added])
  }

  without(fields: ReadonlySet<Field>): HeaderBlock {
    return new HeaderBlock(this.#fields.filter((field) => !fields.has(field)))
  }

  /** With the empty line. */
  toOctets(): Buffer {
    const lines = this.#fields.map(({ raw }) => (raw.endsWith('\n') ? raw : `${raw}\r\n`))
    return Buffer.from(`${lines.join('')}\r\n`, 'latin1')
  }

  #named(name: string): readonly LazyField[] {
    if (this.#byName === undefined) {
      this.#byName = new Map()
      for (const field of this.#fields) {
        const same = this.#byName.get(field.name)
        if (same === undefined) this.#byName.set(field.name, [field])
        else same.push(field)
      }
    }
    return this.#byName.get(name) ?? []
  }
}

class LazyField implements Field {
  readonly name: string
  readonly #header: Header
  readonly #place: Header['fields'][number]
  #text: string | undefined
  #decoded: string | undefined

  constructor(name: string, header: Header, place: Header['fields'][number]) {
    this.name = name
    this.#header = header
    this.#place = place
  }

  get raw(): string {
    return this.#header.text.slice(this.#place.start, this.#place.end)
  }

  get text(): string {
    this.#text ??= fieldText(this.#header, this.#place)
    return this.#text
  }

  get decoded(): string {
    this.#decoded ??= decodeWords(this.text)
    return this.#decoded
  }
}
