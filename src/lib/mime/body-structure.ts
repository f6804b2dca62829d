import type { Content } from './content.ts'
import { type Entity, holdsMessage, holdsParts } from './entity.ts'
import { readable } from './header.ts'
import type { Attribute, AttributeList } from './parameters.ts'
import { nstring, quoted } from './wire.ts'

/** RFC 9051 §7.5.2: the wire form of BODYSTRUCTURE with its extension data. */
export function writeBodyStructure(entity: Entity): string {
  const { content } = entity
  if (holdsParts(entity)) {
    const parts = entity.children.map(writeBodyStructure).join('')
    return `(${parts} ${quoted(content.subtype)} ${parameters(content.attributes)} ${extension(content)})`
  }
  const size = entity.bodyEnd - entity.bodyStart
  const fields = `${parameters(content.attributes)} ${nstring(content.id)} ${nstring(content.description)} ${quoted(content.encoding)} ${size}`
  return `(${media(entity)} ${fields}${typeFields(entity)} ${nstring(content.md5)} ${extension(content)})`
}

/** Of a multipart or message that was not looked into nothing can be said: its shape would promise fields. */
function media(entity: Entity): string {
  const { type, subtype } = entity.content
  return isStructured(type, subtype) && !holdsMessage(entity)
    ? '"application" "octet-stream"'
    : `${quoted(type)} ${quoted(subtype)}`
}

const isStructured = (type: string, subtype: string) =>
  type === 'multipart' || (type === 'message' && (subtype === 'rfc822' || subtype === 'global'))

function typeFields(entity: Entity): string {
  const [message] = entity.children
  if (holdsMessage(entity) && message !== undefined) {
    return ` ${message.envelope ?? emptyEnvelope} ${writeBodyStructure(message)} ${entity.lines}`
  }
  return entity.content.type === 'text' ? ` ${entity.lines}` : ''
}

const emptyEnvelope = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)'

function extension({ disposition, languages, location }: Content): string {
  const tags = languages.length === 0 ? 'NIL' : `(${languages.map(quoted).join(' ')})`
  return `${writeDisposition(disposition)} ${tags} ${nstring(location)}`
}

function writeDisposition(disposition: AttributeList | undefined): string {
  if (disposition === undefined) return 'NIL'
  return `(${quoted(disposition.value.toLowerCase())} ${parameters(disposition.attributes)})`
}

function parameters(attributes: readonly Attribute[]): string {
  return attributes.length === 0 ? 'NIL' : `(${attributes.map(parameter).join(' ')})`
}

/** RFC 2231 §6: continuations are joined, the charset stays inside. Raw 8-bit values are put in that form too. */
function parameter({ name, value, extended }: Attribute): string {
  const text = readable(value)
  if (!/[^\0-\x7f]/.test(text)) return `${quoted(extended ? `${name}*` : name)} ${quoted(text)}`
  const escaped = extended ? escapeForeign(text) : `utf-8''${escapeAll(text)}`
  return `${quoted(`${name}*`)} ${quoted(escaped)}`
}

const escapeForeign = (text: string) => text.replace(/[^\0-\x7f]+/g, percentEncoded)
const escapeAll = (text: string) => text.replace(/[^A-Za-z0-9._-]+/g, percentEncoded)

function percentEncoded(text: string): string {
  return Buffer.from(text).toString('hex').replace(/../g, '%$&').toUpperCase()
}

/** BODY of a BODYSTRUCTURE: the same without extension data (RFC 9051 §7.5.2). */
export function withoutExtensions(bodyStructure: string): string {
  return new Stripper(bodyStructure).body()
}

/** Fields of a leaf before its extension data: type, subtype, parameters, id, description, encoding, size. */
const leafFields = 7

/** Reads what `writeBodyStructure` wrote. */
class Stripper {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  body(): string {
    this.#at++
    const out = this.#text.charAt(this.#at) === '(' ? this.#multipart() : this.#leaf()
    this.#skipRest()
    return `(${out})`
  }

  #multipart(): string {
    let parts = ''
    while (this.#text.charAt(this.#at) === '(') parts += this.body()
    this.#at++
    return `${parts} ${this.#item()}`
  }

  #leaf(): string {
    const fields: string[] = []
    for (let count = 0; count < leafFields; count++) {
      fields.push(this.#item())
      this.#at++
    }
    if (fields[0] === '"text"') fields.push(this.#item())
    if (fields[0] === '"message"' && (fields[1] === '"rfc822"' || fields[1] === '"global"')) {
      fields.push(this.#item())
      this.#at++
      fields.push(this.body())
      this.#at++
      fields.push(this.#item())
    }
    return fields.join(' ')
  }

  /** A string, atom or list. */
  #item(): string {
    const start = this.#at
    if (this.#text.charAt(start) === '(') {
      this.#at++
      this.#skipRest()
    } else {
      itemEnd.lastIndex = start
      itemEnd.test(this.#text)
      this.#at = itemEnd.lastIndex
    }
    return this.#text.slice(start, this.#at)
  }

  /** To the end of the list that is open here. */
  #skipRest(): void {
    let depth = 1
    while (depth > 0 && this.#at < this.#text.length) {
      const mark = this.#text.charAt(this.#at)
      if (mark === '(') depth++
      else if (mark === ')') depth--
      if (mark === '"') this.#item()
      else this.#at++
    }
  }
}

const itemEnd = /"(?:[^"\\]|\\.)*"|[^\s()]+/sy
