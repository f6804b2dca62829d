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

/** A larger document is not looked into, 32 MiB in base64; Mailu stops at 3 MiB. */
const mostEncoded = 44 * 1024 * 1024
const mostDocuments = 50

interface Document {
  readonly octets: Uint8Array
  readonly digest: string
}

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
      const document = await this.#document(message, part)
      if (!document) {
        this.#parts.log.info('macros.too-long', { id, part: part.name })
        continue
      }
      const danger = await this.#danger(document)
      if (danger !== undefined)
        return { kind: 'found', what: 'macro', name: danger, part: part.name ?? part.type }
    }
    return { kind: 'clean' }
  }

  async #danger({ octets, digest }: Document): Promise<string | undefined> {
    const known = this.#known.get(digest)
    if (known) return known.danger
    const danger = await this.#thread.run(octets)
    this.#known.set(digest, { danger })
    return danger
  }

  async #document(message: MessageRef, part: MessagePart): Promise<Document | undefined> {
    // No encoding makes more of what it decodes.
    const room = part.bodyEnd - part.bodyStart
    if (room > mostEncoded) return undefined
    const octets = new Uint8Array(room)
    const hash = createHash('sha256')
    let length = 0
    for await (const piece of partOctets(part, (from, to) => this.#parts.bytes.read(message, { from, to }))) {
      octets.set(piece, length)
      hash.update(piece)
      length += piece.length
    }
    return { octets: octets.subarray(0, length), digest: hash.digest('base64') }
  }
}
