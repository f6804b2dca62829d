import { type Content, opaqueContent, plainContent } from './content.ts'
import { type Entity, holdsMessage, isMessage } from './entity.ts'
import type { IndexLimits } from './message-index.ts'

/** A line that ends the open parts above a multipart, and perhaps the multipart's own list of parts. */
export interface Delimiter {
  readonly level: number
  readonly isLast: boolean
}

interface OpenEntity {
  readonly entity: Entity
  /** Of a multipart whose parts are still coming, one character per octet. */
  boundary: string | undefined
}

/** The entities that are open at one place of the message, the message itself first. */
export class EntityTree {
  readonly root: Entity
  truncated = false
  readonly #limits: IndexLimits
  readonly #open: OpenEntity[] = []
  #count = 0
  #delimiterStart = Buffer.alloc(0)

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
    if (open !== undefined) open.boundary = content.boundary
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

  /** `line` without its two dashes and the white space at its end (RFC 2046 §5.1.1); the innermost multipart wins. */
  match(line: string): Delimiter | undefined {
    for (let level = this.#open.length - 1; level >= 0; level--) {
      const boundary = this.#open[level]?.boundary
      if (boundary !== undefined && line.startsWith(boundary)) {
        if (line.length === boundary.length) return { level, isLast: false }
        if (line.length === boundary.length + 2 && line.endsWith('--')) return { level, isLast: true }
      }
    }
    return undefined
  }

  /** Closes what a delimiter ends; `close` gets each entity, the innermost first. */
  apply({ level, isLast }: Delimiter, close: (entity: Entity) => void): void {
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
    let common: string | undefined
    for (const { boundary } of this.#open) {
      if (boundary !== undefined) common = common === undefined ? boundary : commonStart(common, boundary)
    }
    this.#delimiterStart = common === undefined ? Buffer.alloc(0) : Buffer.from(`\n--${common}`, 'latin1')
  }
}

const identity = new Set(['7bit', '8bit', 'binary'])

function commonStart(one: string, other: string): string {
  let length = 0
  while (length < one.length && one.charCodeAt(length) === other.charCodeAt(length)) length++
  return one.slice(0, length)
}

/** Whether the entity is a message: the whole, or the one inside a message part. */
export const isMessageRoot = ({ parent }: Entity): boolean => parent === undefined || holdsMessage(parent)

/** Whether the entity stands inside an enclosed message, whose text is not the text of this one. */
export function isEnclosed(entity: Entity): boolean {
  let above = entity.parent
  while (above !== undefined && !holdsMessage(above)) above = above.parent
  return above !== undefined
}
