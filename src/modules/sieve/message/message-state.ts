import { indexMessage } from '../../../lib/mime/indexer.ts'
import type { MessageIndex } from '../../../lib/mime/message-index.ts'
import type { SieveVersion } from '../../../ports/sieve.ts'
import { HeaderBlock } from './header-block.ts'
import { MessageView, type PartView } from './message-view.ts'

/** What stands in place of a part. */
export interface Replacement {
  /** One character per octet, with its empty line. */
  readonly header: string
  readonly body: Uint8Array
}

/**
 * The message as the script has made it so far. Each edit begins a new version; an action names the version that it met
 * (RFC 5293 §4, RFC 5703 §5).
 */
export class MessageState {
  /** What the versions that actions named take. */
  heldOctets = 0
  #view: MessageView
  #header: HeaderBlock
  #bodyIsEdited = false
  readonly #replaced = new Map<number, Replacement>()
  readonly #versions: (SieveVersion | undefined)[] = [{ header: undefined, body: undefined }]

  constructor(bytes: Uint8Array, index: MessageIndex) {
    this.#view = new MessageView(bytes, index)
    this.#header = this.#view.root.header
  }

  get view(): MessageView {
    return this.#view
  }

  /** Octets of the message as it is now. RFC 5293 §4. */
  get size(): number {
    const { root } = this.#view
    if (this.#header === root.header) return this.#view.size
    return this.#view.size - root.place.bodyStart + this.#header.toOctets().length
  }

  /** Of a part as it is now: that of the whole message may be edited. */
  headerOf(part: PartView): HeaderBlock {
    return part.number === 0 ? this.#header : part.header
  }

  get header(): HeaderBlock {
    return this.#header
  }

  set header(header: HeaderBlock) {
    this.#header = header
    this.#versions.push(undefined)
  }

  /** Another part in place of this one; it is seen by tests after `settle`. */
  replace(part: PartView, replacement: Replacement): void {
    if (part.number === 0) {
      this.#become(replacement)
      return
    }
    this.#replaced.set(part.number, replacement)
    this.#bodyIsEdited = true
    this.#versions.push(undefined)
  }

  /** What came, as one part of another message. */
  get octets(): Buffer {
    return Buffer.concat([this.#header.toOctets(), this.#body()])
  }

  /** Replaced parts are read anew: no loop over the old ones is running any more. */
  settle(): void {
    if (this.#replaced.size > 0)
      this.#become({ header: this.#header.toOctets().toString('latin1'), body: this.#body() })
  }

  /** The number of the message as it is now. */
  version(): number {
    const number = this.#versions.length - 1
    if (this.#versions[number] === undefined) {
      const header = this.#header.toOctets()
      const body = this.#bodyIsEdited ? this.#body() : undefined
      this.#versions[number] = { header, body }
      this.heldOctets += header.length + (body?.length ?? 0)
    }
    return number
  }

  /** Those that actions named; the others were never made. */
  versions(): SieveVersion[] {
    return this.#versions.map((version) => version ?? { header: undefined, body: undefined })
  }

  #become({ header, body }: Replacement): void {
    const bytes = Buffer.concat([Buffer.from(header, 'latin1'), body])
    this.#view = new MessageView(bytes, indexMessage(bytes))
    this.#header = HeaderBlock.read(header)
    this.#replaced.clear()
    this.#bodyIsEdited = true
    this.#versions.push(undefined)
  }

  #body(): Buffer {
    const { root, bytes } = this.#view
    if (this.#replaced.size === 0) return bytes.subarray(root.place.bodyStart)
    return Buffer.concat([...this.#bodyPieces(root), bytes.subarray(root.place.bodyEnd)])
  }

  /** The body of a part with what was replaced inside it. */
  *#bodyPieces(part: PartView): Generator<Uint8Array> {
    const { bytes } = this.#view
    let at = part.place.bodyStart
    for (const child of part.children) {
      yield bytes.subarray(at, child.place.headerStart)
      const replacement = this.#replaced.get(child.number)
      if (replacement === undefined) {
        yield bytes.subarray(child.place.headerStart, child.place.bodyStart)
        yield* this.#bodyPieces(child)
      } else {
        yield Buffer.from(replacement.header, 'latin1')
        yield replacement.body
      }
      at = child.place.bodyEnd
    }
    yield bytes.subarray(at, part.place.bodyEnd)
  }
}
