import { LRUCache } from 'lru-cache'
import type { Pieces } from '../../../lib/search/words.ts'
import type { WantedText } from '../../../ports/text-search.ts'
import { type BlockCounts, type Dictionary, numberOf } from './dictionary.ts'
import { markDocuments, VarintReader } from './postings.ts'
import type { IndexSql, SegmentSummary } from './read-sql.ts'
import { Turns } from './turns.ts'

/** Dictionaries searched last are kept for so long, and so many octets of them. */
const keptMs = 60_000
const keptOctets = 24 * 1024 * 1024
const blocksAtOnce = 16
/** What was found last is asked for again: for the next mailbox, for a score, with the next letter typed. */
const foundMs = 10_000
const mostFound = 1_000_000
const lineFeed = 10

/** A segment went away while it was looked into: it is in another one now. */
export class SegmentGone extends Error {}

type Piece = Pieces['pieces'][number]

const places = { header: ['header'], body: ['body'], text: ['body', 'header'] } as const

/** Looks pieces of words up in the dictionaries of segments. */
export class Lookup {
  readonly #sql: IndexSql
  readonly #dictionaries = new LRUCache<string, readonly Buffer[]>({
    maxSize: keptOctets,
    ttl: keptMs,
    ttlAutopurge: true,
  })

  readonly #found = new LRUCache<string, readonly number[]>({
    maxSize: mostFound,
    sizeCalculation: (emails) => emails.length + 100,
    ttl: foundMs,
    ttlAutopurge: true,
  })

  constructor(sql: IndexSql) {
    this.#sql = sql
  }

  /** Emails of the account that have, for every piece, a term that holds it there. Ascending. */
  async emailsWith(
    account: number,
    pieces: readonly Piece[],
    where: WantedText['where'],
  ): Promise<readonly number[]> {
    const segments = this.#sql.segments.all(account)
    // Segments never change: the same ones give the same answer.
    const key = JSON.stringify([account, where, pieces, segments.map(({ id }) => id)])
    const known = this.#found.get(key)
    if (known) return known
    const found = await this.#look(segments, pieces, where)
    this.#found.set(key, found)
    return found
  }

  async #look(
    segments: readonly SegmentSummary[],
    pieces: readonly Piece[],
    where: WantedText['where'],
  ): Promise<readonly number[]> {
    const turns = new Turns()
    const found: number[] = []
    for (const segment of segments) {
      const marks = await this.#documentsWith(segment, pieces, where, turns)
      if (!marks) continue
      const emails = this.#sql.emails.get(segment.id)
      if (!emails) throw new SegmentGone()
      addMarked(marks, emails, found)
      await turns.rest()
    }
    return found
  }

  forget(): void {
    this.#dictionaries.clear()
    this.#found.clear()
  }

  async #documentsWith(
    segment: SegmentSummary,
    pieces: readonly Piece[],
    where: WantedText['where'],
    turns: Turns,
  ): Promise<Uint8Array | undefined> {
    let all: Uint8Array | undefined
    for (const piece of longestFirst(pieces)) {
      const marks = new Uint8Array(segment.docs)
      let isAny = false
      for (const place of places[where]) {
        isAny = (await this.#mark(marks, segment, piece.text, `${place} ${piece.accents}`, turns)) || isAny
      }
      if (!isAny) return undefined
      if (all) for (let at = 0; at < marks.length; at++) marks[at] = (marks[at] ?? 0) & (all[at] ?? 0)
      all = marks
    }
    return all
  }

  /** Whether any was marked. */
  async #mark(
    marks: Uint8Array,
    segment: SegmentSummary,
    text: string,
    dictionary: Dictionary,
    turns: Turns,
  ): Promise<boolean> {
    const wanted = Buffer.from(text)
    let isAny = false
    for (const { first, blocks } of this.#blocks(segment, dictionary)) {
      for (const [index, terms] of blocks.entries()) {
        const at = terms.indexOf(wanted)
        if (at < 0) continue
        const postings = this.#sql.postings.get(segment.id, numberOf(dictionary), first + index)
        if (!postings) throw new SegmentGone()
        markMatches({ marks, terms, postings, wanted }, at)
        isAny = true
      }
      await turns.rest()
    }
    return isAny
  }

  /** From memory where they are kept, else some at a time. */
  *#blocks(
    { id, blocks: counts }: SegmentSummary,
    dictionary: Dictionary,
  ): Generator<{ readonly first: number; readonly blocks: readonly Buffer[] }> {
    const key = `${id} ${dictionary}`
    const known = this.#dictionaries.get(key)
    const count = (JSON.parse(counts) as BlockCounts)[numberOf(dictionary)] ?? 0
    const read: Buffer[] = []
    let octets = 0
    for (let first = 0; first < count; first += blocksAtOnce) {
      const end = Math.min(first + blocksAtOnce, count)
      const blocks = known?.slice(first, end) ?? this.#sql.terms.all(id, numberOf(dictionary), first, end - 1)
      if (blocks.length < end - first) throw new SegmentGone()
      yield { first, blocks }
      octets += blocks.reduce((sum, terms) => sum + terms.length, 0)
      if (!known && octets <= keptOctets / 2) read.push(...blocks)
    }
    if (!known && read.length === count && count > 0) this.#dictionaries.set(key, read, { size: octets })
  }
}

function addMarked(marks: Uint8Array, packedEmails: Buffer, found: number[]): void {
  const emails = new VarintReader(packedEmails)
  let email = 0
  for (let document = 0; document < marks.length; document++) {
    email += emails.read()
    if (marks[document] === 1) found.push(email)
  }
}

/** Long pieces are rare: where they are not, the others need not be looked up. */
function longestFirst(pieces: readonly Piece[]): readonly Piece[] {
  return [...pieces].sort((a, b) => b.text.length - a.text.length)
}

interface Matching {
  readonly marks: Uint8Array
  readonly terms: Buffer
  readonly postings: Buffer
  readonly wanted: Buffer
}

/** Marks the documents of each term that holds what is wanted, which is found at `first` first. */
function markMatches({ marks, terms, postings, wanted }: Matching, first: number): void {
  const lists = new VarintReader(postings)
  /** Of the term whose list is next. */
  let start = 0
  for (let match = first; match >= 0; match = terms.indexOf(wanted, start)) {
    for (let end = terms.indexOf(lineFeed, start); end < match; end = terms.indexOf(lineFeed, start)) {
      const length = lists.read()
      lists.at += length
      start = end + 1
    }
    const length = lists.read()
    markDocuments(marks, postings, lists.at, lists.at + length)
    lists.at += length
    start = terms.indexOf(lineFeed, match) + 1
  }
}
