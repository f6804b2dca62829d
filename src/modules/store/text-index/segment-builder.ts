import type { Terms } from '../../../lib/search/words.ts'
import { BlockWriter, type WriteBlock } from './block-writer.ts'
import { type BlockCounts, type Dictionary, dictionaries } from './dictionary.ts'

/** The terms of one message. */
export type MessageTerms = Readonly<Record<Dictionary, Terms>>

/** Documents by term. Most terms have one: a list is made for the second. */
type Lists = Map<string, number | number[]>

/** Gathers messages, the oldest first, until they become a segment. */
export class SegmentBuilder {
  readonly #emails: number[] = []
  readonly #lists = dictionaries.map((dictionary) => ({ dictionary, lists: new Map() as Lists }))
  #entries = 0

  get emails(): readonly number[] {
    return this.#emails
  }

  /** What it costs in memory, roughly: terms, and a tenth of a term for each document of one. */
  get weight(): number {
    return this.#lists.reduce((sum, { lists }) => sum + lists.size, this.#entries / 10)
  }

  add(email: number, terms: MessageTerms): void {
    const document = this.#emails.push(email) - 1
    for (const { dictionary, lists } of this.#lists) {
      this.#entries += terms[dictionary].size
      for (const term of terms[dictionary]) addDocument(lists, term, document)
    }
  }

  /** Gives out the blocks of all dictionaries. */
  write(write: WriteBlock): BlockCounts {
    return this.#lists.map(({ dictionary, lists }) => {
      const writer = new BlockWriter(dictionary, write)
      for (const term of [...lists.keys()].sort()) {
        const list = lists.get(term)
        if (list !== undefined) writer.add(term, typeof list === 'number' ? [list] : list)
      }
      return writer.end()
    })
  }
}

function addDocument(lists: Lists, term: string, document: number): void {
  const known = lists.get(term)
  if (known === undefined) lists.set(term, document)
  else if (typeof known === 'number') lists.set(term, [known, document])
  else known.push(document)
}
