import { writeBodyStructure } from './body-structure.ts'
import { readContent } from './content.ts'
import type { Entity } from './entity.ts'
import { holdsParts } from './entity.ts'
import { EntityTree, type FoundDelimiter, isEnclosed, isMessageRoot } from './entity-tree.ts'
import { writeEnvelope } from './envelope.ts'
import { scanHeader } from './header.ts'
import type { IndexLimits, MessageIndex, MessageIndexer } from './message-index.ts'
import { asBuffer, countLineFeeds, indexByRareOctet } from './octets.ts'
import { countAttachments, partsOf } from './part-list.ts'
import { PreviewCapture } from './preview.ts'
import { type MessageFields, readMessageFields, summarise } from './summary.ts'

/** What a message is looked into by default; more than any person sends. */
const indexLimits: IndexLimits = {
  depth: 100,
  parts: 2_000,
  headerBytes: 262_144,
  totalHeaderBytes: 2_097_152,
}

const nothing = Buffer.alloc(0)

const lf = 10
const cr = 13
const dash = 45

/** Reads a message as it arrives and never throws, whatever the bytes are. */
export function createMessageIndexer(limits: Partial<IndexLimits> = {}): MessageIndexer {
  return new Indexer({ ...indexLimits, ...limits })
}

/** For a message that is at hand as a whole. */
export function indexMessage(bytes: Uint8Array, limits?: Partial<IndexLimits>): MessageIndex {
  const indexer = createMessageIndexer(limits)
  indexer.push(bytes)
  return indexer.end()
}

/**
 * Reads lines only where they matter: each line of a header, and in a body those that begin like an open boundary,
 * which one native search finds. What the end of a chunk leaves undecided (the start of a line that may be a
 * delimiter) is carried to the next one and is never longer than 1000 octets.
 */
class Indexer implements MessageIndexer {
  readonly #limits: IndexLimits
  readonly #tree: EntityTree
  readonly #preview = new PreviewCapture()
  #carry: Buffer = nothing
  /** Octets and line feeds of the message that were taken. */
  #offset = 0
  #lines = 0
  /** The two octets before `#offset`, the later one low. */
  #lastTwo = 0
  #atLineStart = true
  #inHeader = true
  #header = ''
  #headerTotal = 0
  #fields: MessageFields | undefined

  constructor(limits: IndexLimits) {
    this.#limits = limits
    this.#tree = new EntityTree(limits)
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    const buffer = this.#carry.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#carry, chunk])
    const taken = this.#read(buffer, false)
    this.#carry = taken === buffer.length ? nothing : Buffer.from(buffer.subarray(taken))
  }

  end(): MessageIndex {
    this.#read(this.#carry, true)
    while (this.#inHeader) this.#endHeader()
    this.#tree.closeAll((entity) => this.#close(entity, this.#offset))
    return this.#index()
  }

  #index(): MessageIndex {
    const { root, truncated } = this.#tree
    return {
      size: this.#offset,
      headerBytes: root.bodyStart,
      lines: this.#lines,
      envelope: root.envelope ?? 'NIL',
      bodyStructure: writeBodyStructure(root),
      parts: partsOf(root),
      preview: this.#preview.text,
      attachments: countAttachments(root),
      ...summarise(this.#fields ?? readMessageFields(scanHeader(''))),
      truncated,
    }
  }

  /** Takes what can be decided and says how much of the buffer that is. */
  #read(buffer: Buffer, isEnd: boolean): number {
    let at = 0
    while (at < buffer.length) {
      const next = this.#inHeader ? this.#readHeader(buffer, at, isEnd) : this.#readBody(buffer, at, isEnd)
      if (next === at) break
      at = next
    }
    return at
  }

  #readHeader(buffer: Buffer, from: number, isEnd: boolean): number {
    let line = from
    while (line < buffer.length) {
      const ending = this.#atLineStart ? this.#headerEnding(buffer, line, isEnd) : undefined
      if (ending !== undefined) {
        this.#takeHeader(buffer, from, line)
        return this.#leaveHeader(buffer, line, ending)
      }
      const newline = buffer.indexOf(lf, line)
      this.#atLineStart = newline >= 0
      line = newline < 0 ? buffer.length : newline + 1
    }
    this.#takeHeader(buffer, from, line)
    return line
  }

  /** The empty line as its octets, a delimiter that comes before any, or `wait`; undefined for another line. */
  #headerEnding(buffer: Buffer, line: number, isEnd: boolean): number | FoundDelimiter | 'wait' | undefined {
    const first = buffer[line]
    if (first === lf) return 1
    if (first === dash) return this.#delimiter(buffer, line, isEnd)
    if (first !== cr || (isEnd && line + 1 === buffer.length)) return undefined
    if (line + 1 === buffer.length) return 'wait'
    return buffer[line + 1] === lf ? 2 : undefined
  }

  #leaveHeader(buffer: Buffer, line: number, ending: number | FoundDelimiter | 'wait'): number {
    if (ending === 'wait') return line
    if (typeof ending === 'number') {
      this.#take(buffer, line, line + ending)
      this.#endHeader()
      return line + ending
    }
    // a delimiter where the empty line is missing: no body
    while (this.#inHeader) this.#endHeader()
    return this.#takeDelimiter(buffer, line, ending)
  }

  #takeHeader(buffer: Buffer, from: number, to: number): void {
    const room = Math.min(
      this.#limits.headerBytes - this.#header.length,
      this.#limits.totalHeaderBytes - this.#headerTotal,
    )
    const kept = Math.min(to - from, room)
    if (kept < to - from) this.#tree.truncated = true
    if (kept > 0) this.#header += buffer.toString('latin1', from, from + kept)
    this.#headerTotal += kept
    this.#take(buffer, from, to)
  }

  /** What is taken so far ends the header of the current entity. */
  #endHeader(): void {
    const header = scanHeader(this.#header)
    const { current } = this.#tree
    this.#header = ''
    this.#inHeader = false
    this.#atLineStart = true
    current.bodyStart = this.#offset
    current.lines = this.#lines
    if (isMessageRoot(current)) {
      const fields = readMessageFields(header)
      current.envelope = writeEnvelope(fields)
      this.#fields ??= fields
    }
    const inDigest =
      current.parent?.content.type === 'multipart' && current.parent.content.subtype === 'digest'
    const kind = this.#tree.describe(readContent(header, inDigest))
    if (kind === 'message') this.#inHeader = this.#tree.openChild(this.#offset)
    if (kind === 'leaf' && !isEnclosed(current)) this.#preview.open(current.content)
  }

  #readBody(buffer: Buffer, from: number, isEnd: boolean): number {
    const needle = this.#tree.delimiterStart
    if (needle.length === 0) return this.#takeTail(buffer, from, isEnd)
    let line = this.#atLineStart ? from : this.#nextLike(buffer, from, needle)
    while (line >= 0) {
      const found = this.#delimiter(buffer, line, isEnd)
      if (found !== undefined) {
        this.#take(buffer, from, line)
        this.#atLineStart = true
        return found === 'wait' ? line : this.#takeDelimiter(buffer, line, found)
      }
      line = this.#nextLike(buffer, line, needle)
    }
    return this.#takeTail(buffer, from, isEnd)
  }

  /** Start of the next line that begins like a delimiter, -1 when no such line is in sight. */
  #nextLike(buffer: Buffer, from: number, needle: Buffer): number {
    const newline = indexByRareOctet(buffer, needle, 1, from)
    return newline < 0 ? -1 : newline + 1
  }

  /** Everything but the start of a last line, when that may become a delimiter. */
  #takeTail(buffer: Buffer, from: number, isEnd: boolean): number {
    const line = buffer.lastIndexOf(lf) + 1
    const undecided = line > from && line < buffer.length && this.#delimiter(buffer, line, isEnd) === 'wait'
    const end = undecided ? line : buffer.length
    this.#take(buffer, from, end)
    this.#atLineStart = undecided || line === buffer.length
    return end
  }

  /** The delimiter that this line is; `wait` when it may be one and is not here as a whole. */
  #delimiter(buffer: Buffer, line: number, isEnd: boolean): FoundDelimiter | 'wait' | undefined {
    if (line < buffer.length && buffer[line] !== dash) return undefined
    if (line + 1 < buffer.length && buffer[line + 1] !== dash) return undefined
    return this.#tree.match(buffer, line, isEnd)
  }

  #takeDelimiter(buffer: Buffer, line: number, found: FoundDelimiter): number {
    // the line end before a delimiter is part of it (RFC 2046 §5.1.1)
    const lineEnd = this.#lastTwo === cr * 256 + lf ? 2 : 1
    const bodyEnd = this.#offset - lineEnd
    this.#tree.apply(found, (entity) => this.#close(entity, bodyEnd))
    this.#take(buffer, line, found.end)
    this.#atLineStart = true
    if (!found.isLast) this.#inHeader = this.#tree.openChild(this.#offset)
    return found.end
  }

  #close(entity: Entity, bodyEnd: number): void {
    // an empty line that ends a header is not the delimiter's as well
    entity.bodyEnd = Math.max(bodyEnd, entity.bodyStart, entity.children.at(-1)?.bodyEnd ?? 0)
    const lineEnds = entity.bodyEnd < this.#offset ? 1 : 0
    entity.lines = this.#lines - entity.lines - lineEnds
    this.#preview.close()
    if (holdsParts(entity) && entity.children.length === 0) this.#tree.addText(entity)
  }

  #take(buffer: Buffer, from: number, to: number): void {
    if (to === from) return
    this.#lines += countLineFeeds(buffer, from, to)
    this.#offset += to - from
    this.#lastTwo =
      (((to - from > 1 ? buffer[to - 2] : this.#lastTwo & 255) ?? 0) << 8) | (buffer[to - 1] ?? 0)
    if (!this.#inHeader) this.#preview.push(buffer, from, to)
  }
}
