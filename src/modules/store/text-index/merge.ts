import { type Block, BlockWriter, type WriteBlock } from './block-writer.ts'
import { type BlockCounts, type Dictionary, dictionaries } from './dictionary.ts'
import { readAscending, VarintReader } from './postings.ts'

/** A segment that goes into a larger one. */
export interface MergeInput {
  readonly emails: Uint8Array
  /** Undefined behind the last. */
  readonly block: (dictionary: Dictionary, number: number) => Pick<Block, 'terms' | 'postings'> | undefined
}

export interface Merged {
  readonly emails: readonly number[]
  readonly blocks: BlockCounts
}

/** One segment of several that follow each other, without what is gone. Holds one block of each at a time. */
export function mergeSegments(
  inputs: readonly MergeInput[],
  isAlive: (email: number) => boolean,
  write: WriteBlock,
): Merged {
  const emails: number[] = []
  const renumber = (email: number) => (isAlive(email) ? emails.push(email) - 1 : -1)
  const renumberings = inputs.map((input) => Int32Array.from(readAscending(input.emails), renumber))
  const blocks = dictionaries.map((dictionary) => {
    const cursors = inputs.map(
      (input, index) => new TermCursor(input, dictionary, renumberings[index] ?? none),
    )
    return mergeTerms(cursors, new BlockWriter(dictionary, write))
  })
  return { emails, blocks }
}

const none = new Int32Array(0)

function mergeTerms(cursors: readonly TermCursor[], writer: BlockWriter): number {
  for (;;) {
    const term = firstTerm(cursors)
    if (term === undefined) return writer.end()
    const documents: number[] = []
    for (const cursor of cursors) if (cursor.term === term) cursor.take(documents)
    if (documents.length > 0) writer.add(term, documents)
  }
}

function firstTerm(cursors: readonly TermCursor[]): string | undefined {
  let first: string | undefined
  for (const { term } of cursors)
    if (term !== undefined && (first === undefined || term < first)) first = term
  return first
}

/** Walks along the terms of a segment. */
class TermCursor {
  readonly #input: MergeInput
  readonly #dictionary: Dictionary
  readonly #renumbering: Int32Array
  #number = 0
  #terms: readonly string[] = []
  #postings: Uint8Array = new Uint8Array(0)
  #reader = new VarintReader(this.#postings)
  #at = 0

  constructor(input: MergeInput, dictionary: Dictionary, renumbering: Int32Array) {
    this.#input = input
    this.#dictionary = dictionary
    this.#renumbering = renumbering
    this.#open()
  }

  get term(): string | undefined {
    return this.#terms[this.#at]
  }

  /** Its list under the new numbers; the cursor goes on. */
  take(into: number[]): void {
    const length = this.#reader.read()
    const end = this.#reader.at + length
    for (const document of readAscending(this.#postings, this.#reader.at, end)) {
      const renumbered = this.#renumbering[document] ?? -1
      if (renumbered >= 0) into.push(renumbered)
    }
    this.#reader.at = end
    this.#at++
    if (this.#at === this.#terms.length) this.#open()
  }

  #open(): void {
    const block = this.#input.block(this.#dictionary, this.#number++)
    this.#terms = block ? block.terms.toString().slice(0, -1).split('\n') : []
    this.#postings = block?.postings ?? new Uint8Array(0)
    this.#reader = new VarintReader(this.#postings)
    this.#at = 0
  }
}
