import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { MessagePart } from '../../../lib/mime/message-index.ts'
import { partOctets } from '../../../lib/mime/part-octets.ts'
import { ErrandThread } from '../../../platform/errand-thread.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import type { Scan } from '../../../ports/message-scanner.ts'
import type { Log } from '../../../ports/runtime.ts'
import { mayHaveMacros } from './macro-parts.ts'

export interface MacroParts {
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly log: Log
}

/** A larger document is not looked into; Mailu stops at 3 MiB. */
const mostOctets = 32 * 1024 * 1024
const mostDocuments = 50

/** Looks for dangerous macros in documents, on a thread of its own. */
export class MacroScanner {
  readonly #parts: MacroParts
  readonly #thread = new ErrandThread<Uint8Array, string | undefined>(
    new URL('./macros.worker.ts', import.meta.url),
    'macros',
  )
  /** The same document to many people. */
  readonly #known = new LRUCache<string, { readonly danger: string | undefined }>({ max: 500 })

  constructor(parts: MacroParts) {
    this.#parts = parts
  }

  async scan(id: string, message: MessageRef): Promise<Scan> {
    const documents = message.index.parts.filter(mayHaveMacros).slice(0, mostDocuments)
    for (const part of documents) {
      const octets = await this.#octets(message, part)
      if (!octets) {
        this.#parts.log.info('macros.too-long', { id, part: part.name })
        continue
      }
      const danger = await this.#danger(octets)
      if (danger !== undefined)
        return { kind: 'found', what: 'macro', name: danger, part: part.name ?? part.type }
    }
    return { kind: 'clean' }
  }

  async #danger(octets: Uint8Array): Promise<string | undefined> {
    const digest = createHash('sha256').update(octets).digest('base64')
    const known = this.#known.get(digest)
    if (known) return known.danger
    const danger = await this.#thread.run(octets)
    this.#known.set(digest, { danger })
    return danger
  }

  async #octets(message: MessageRef, part: MessagePart): Promise<Uint8Array | undefined> {
    const pieces: Uint8Array[] = []
    let length = 0
    for await (const piece of partOctets(part, (from, to) => this.#parts.bytes.read(message, { from, to }))) {
      length += piece.length
      if (length > mostOctets) return undefined
      pieces.push(piece)
    }
    // Not a view of anything larger: all of it crosses to the thread.
    return new Uint8Array(Buffer.concat(pieces))
  }
}
