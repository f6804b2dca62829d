import type { Dictionary } from './dictionary.ts'
import { VarintWriter, writeAscending } from './postings.ts'

/** A search reads whole blocks and counts the terms in them. */
const blockOctets = 16 * 1024

export interface Block {
  readonly dictionary: Dictionary
  readonly number: number
  readonly terms: Buffer
  readonly postings: Buffer
}

export type WriteBlock = (block: Block) => void

/** Makes blocks of terms that come in order. */
export class BlockWriter {
  readonly #dictionary: Dictionary
  readonly #write: WriteBlock
  readonly #postings = new VarintWriter()
  readonly #list = new VarintWriter()
  #terms: string[] = []
  #octets = 0
  #number = 0

  constructor(dictionary: Dictionary, write: WriteBlock) {
    this.#dictionary = dictionary
    this.#write = write
  }

  add(term: string, documents: readonly number[]): void {
    writeAscending(this.#list, documents)
    const list = this.#list.take()
    this.#postings.write(list.length)
    this.#postings.append(list)
    this.#terms.push(term)
    this.#octets += term.length + 1
    if (this.#octets >= blockOctets) this.#flush()
  }

  /** How many blocks were made. */
  end(): number {
    if (this.#terms.length > 0) this.#flush()
    return this.#number
  }

  #flush(): void {
    const terms = Buffer.from(`${this.#terms.join('\n')}\n`)
    const number = this.#number++
    this.#write({ dictionary: this.#dictionary, number, terms, postings: this.#postings.take() })
    this.#terms = []
    this.#octets = 0
  }
}
