import { isDocument } from '../../../lib/documents/document-kind.ts'
import { decodeWords } from '../../../lib/mime/encoded-word.ts'
import { fieldText, type Header } from '../../../lib/mime/header.ts'
import type { MessagePart } from '../../../lib/mime/message-index.ts'
import { fold, holds, type Needle, needleOf, withoutAccents } from '../../../lib/search/fold.ts'
import { headerOf, leastOverlap, messageTexts, type ReadOctets } from '../../../lib/search/message-texts.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { SearchKey } from '../wire/search-key.ts'

/** Of one message in one go. */
const lettersPerTurn = 256 * 1024

interface Wanted {
  readonly key: SearchKey
  readonly needle: Needle
}

type TextKey = Extract<SearchKey, { kind: 'header' | 'body' | 'text' }>

/** Text keys made ready to be looked for in the octets of many messages. */
export class OctetSearch {
  readonly #headerKeys: readonly (Wanted & { field: string })[]
  readonly #textKeys: readonly Wanted[]
  readonly #bodyKeys: readonly Wanted[]
  readonly #overlap: number

  constructor(keys: readonly SearchKey[]) {
    const texts = keys.filter((key): key is TextKey => 'text' in key)
    this.#headerKeys = texts.flatMap((key) =>
      key.kind === 'header' ? [{ key, needle: needleOf(key.text), field: key.field }] : [],
    )
    this.#textKeys = texts.filter(({ kind }) => kind === 'text').map(wanted)
    this.#bodyKeys = texts.filter(({ kind }) => kind !== 'header').map(wanted)
    this.#overlap = Math.max(leastOverlap, ...texts.map(({ text }) => text.length * 2))
  }

  get needsBody(): boolean {
    return this.#bodyKeys.length > 0
  }

  /** Which of the keys this message satisfies. `documents` reads what is inside those it carries. */
  async look(
    parts: readonly MessagePart[],
    read: ReadOctets,
    documents: () => Promise<readonly string[]>,
  ): Promise<ReadonlySet<SearchKey>> {
    const found = new Set<SearchKey>()
    const [message] = parts
    if (!message) return found
    if (this.#headerKeys.length > 0) {
      const header = await headerOf(message, read)
      if (header) this.#lookInHeader(header, found)
    }
    if (this.#bodyKeys.length === 0) return found
    await this.#lookInTexts(parts, read, found)
    if (this.#isDone(found) || !parts.some(isDocument)) return found
    for (const text of await documents()) mark(this.#bodyKeys, text, found)
    return found
  }

  #lookInHeader(header: Header, found: Set<SearchKey>): void {
    for (const { key, needle, field } of this.#headerKeys) {
      const values = header.fields.filter(({ name }) => name === field)
      // RFC 9051 §6.4.4: an empty string finds every message that has the field.
      if (values.some((value) => holds(fold(decodeWords(fieldText(header, value))), needle))) found.add(key)
    }
  }

  async #lookInTexts(parts: readonly MessagePart[], read: ReadOctets, found: Set<SearchKey>): Promise<void> {
    let looked = 0
    for await (const { where, text } of messageTexts(parts, read, this.#overlap)) {
      mark(where === 'header' ? this.#textKeys : this.#bodyKeys, text, found)
      if (this.#isDone(found)) return
      looked += text.length
      if (looked < lettersPerTurn) continue
      looked = 0
      await nextTurn()
    }
  }

  #isDone(found: ReadonlySet<SearchKey>): boolean {
    return this.#bodyKeys.every(({ key }) => found.has(key))
  }
}

function wanted(key: TextKey): Wanted {
  return { key, needle: needleOf(key.text) }
}

function mark(needles: readonly Wanted[], folded: string, found: Set<SearchKey>): void {
  const plain = withoutAccents(folded)
  for (const { key, needle } of needles) {
    if (!found.has(key) && (needle.ignoresAccents ? plain : folded).includes(needle.text)) found.add(key)
  }
}
