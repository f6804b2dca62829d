import { type Content, opaqueContent, plainContent } from './content.ts'
import { delimiterEnd, isLastDelimiter, noDelimiter, undecided } from './delimiter.ts'
import { type Entity, holdsMessage, isMessage } from './entity.ts'
import type { IndexLimits } from './message-index.ts'

const nothing = Buffer.alloc(0)

/** A line that ends the open parts above a multipart, and perhaps the multipart's own list of parts. */
export interface FoundDelimiter {
  readonly level: number
  readonly isLast: boolean
  /** After its line end, in the buffer at hand. */
  readonly end: number
}

interface OpenEntity {
  readonly entity: Entity
  /** Of a multipart whose parts are still coming. */
  boundary: Buffer | undefined
}

/** The entities that are open at one place of the message, the message itself first. */
export class EntityTree {
  readonly root: Entity
  truncated = false
  readonly #limits: IndexLimits
  readonly #open: OpenEntity[] = []
  #count = 0
  #delimiterStart: Buffer = nothing

  constructor(limits: IndexLimits) {
    this.#limits = limits
    this.root = this.#openEntity(undefined, 0)
  }

  get current(): Entity {
    return this.#open.at(-1)?.entity ?? this.root
  }

  /** What every line that can be a delimiter here begins with, behind a line feed; empty when none can come. */
  get delimiterStart(): Buffer {
    return this.#delimiterStart
  }

  /** The current entity's header is over. Says what its body is. */
  describe(content: Content): 'leaf' | 'multipart' | 'message' {
    const { current } = this
    current.content = content
    const isCarrier = isMessage(content)
    // RFC 2046 §5.2.1: a message part is never encoded; one that is stays closed
    if (isCarrier && !identity.has(content.encoding)) current.opaque = true
    else if (isCarrier || content.boundary !== undefined) this.#closeIfDeep(current)
    if (current.opaque || (!isCarrier && content.boundary === undefined)) return 'leaf'
    if (isCarrier) return 'message'
    const open = this.#open.at(-1)
    if (open !== undefined) open.boundary = Buffer.from(content.boundary ?? '', 'latin1')
    this.#findDelimiterStart()
    return 'multipart'
  }

  #closeIfDeep(entity: Entity): void {
    if (this.#open.length <= this.#limits.depth) return
    entity.opaque = true
    this.truncated = true
  }

  /** Opens a part or the message inside a part; false when there are too many, and the rest is one opaque leaf. */
  openChild(at: number): boolean {
    const child = this.#openEntity(this.current, at)
    if (this.#count <= this.#limits.parts) return true
    this.truncated = true
    child.content = opaqueContent
    child.bodyStart = at
    for (const open of this.#open) open.boundary = undefined
    this.#findDelimiterStart()
    return false
  }

  #openEntity(parent: Entity | undefined, at: number): Entity {
    const entity: Entity = {
      parent,
      children: [],
      headerStart: at,
      bodyStart: at,
      bodyEnd: at,
      lines: 0,
      content: plainContent,
      envelope: undefined,
      opaque: false,
    }
    parent?.children.push(entity)
    this.#open.push({ entity, boundary: undefined })
    this.#count++
    return entity
  }

  /** A multipart in which no part was found is all text: IMAP wants at least one part, and a person the text. */
  addText(multipart: Entity): void {
    const { bodyStart, bodyEnd, lines } = multipart
    const position = { headerStart: bodyStart, bodyStart, bodyEnd, lines }
    multipart.children.push({
      ...position,
      parent: multipart,
      children: [],
      content: plainContent,
      envelope: undefined,
      opaque: false,
    })
  }

  /** The delimiter that the line at `line` is, of the longest boundary that fits; `wait` when the line is cut. */
  match(buffer: Buffer, line: number, isEnd: boolean): FoundDelimiter | 'wait' | undefined {
    let isCut = false
    let longest: Buffer = nothing
    let found: FoundDelimiter | undefined
    for (let level = this.#open.length - 1; level >= 0; level--) {
      const boundary = this.#open[level]?.boundary ?? nothing
      const end = boundary.length > longest.length ? delimiterEnd(buffer, line, boundary, isEnd) : noDelimiter
      if (end === undecided) isCut = true
      else if (end !== noDelimiter) {
        longest = boundary
        found = { level, isLast: isLastDelimiter(buffer, line, boundary), end }
      }
    }
    return found === undefined && isCut ? 'wait' : found
  }

  /** Closes what a delimiter ends; `close` gets each entity, the innermost first. */
  apply({ level, isLast }: FoundDelimiter, close: (entity: Entity) => void): void {
    while (this.#open.length > level + 1) this.#closeTop(close)
    const open = this.#open[level]
    if (open !== undefined && isLast) open.boundary = undefined
    this.#findDelimiterStart()
  }

  closeAll(close: (entity: Entity) => void): void {
    while (this.#open.length > 0) this.#closeTop(close)
  }

  #closeTop(close: (entity: Entity) => void): void {
    const open = this.#open.pop()
    if (open !== undefined) close(open.entity)
  }

  #findDelimiterStart(): void {
    let common: Buffer | undefined
    for (const { boundary } of this.#open) {
      if (boundary !== undefined) common = common === undefined ? boundary : commonStart(common, boundary)
    }
    this.#delimiterStart = common === undefined ? nothing : Buffer.concat([lineStart, common])
  }
}

const lineStart = Buffer.from('\n--')

const identity = new Set(['7bit', '8bit', 'binary'])

function commonStart(one: Buffer, other: Buffer): Buffer {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return one.subarray(0, length)
}

/** Whether the entity is a message: the whole, or the one inside a message part. */
export const isMessageRoot = ({ parent }: Entity): boolean => parent === undefined || holdsMessage(parent)

/** Whether the entity stands inside an enclosed message, whose text is not the text of this one. */
export function isEnclosed(entity: Entity): boolean {
  let above = entity.parent
  while (above !== undefined && !holdsMessage(above)) above = above.parent
  return above !== undefined
}
