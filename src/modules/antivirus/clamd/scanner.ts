import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { MessagePart } from '../../../lib/mime/message-index.ts'
import { partOctets } from '../../../lib/mime/part-octets.ts'
import type { ServiceAddress } from '../../../lib/service-address.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import type { Scan } from '../../../ports/message-scanner.ts'
import type { Log } from '../../../ports/runtime.ts'
import { type StreamVerdict, scanStream } from './instream.ts'

export interface ClamdParts {
  readonly address: ServiceAddress
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly log: Log
}

/** As Mailu has it. */
const longestScanMs = 60_000
/** One that is being restarted is back soon; after that the sender comes back himself. */
const attempts = 3
const pauseMs = 300
/** clamd has ten threads, and others may want it, too. */
const atOnce = 8
/** More are somebody's game; the message as a whole is scanned all the same. */
const mostParts = 100
const pieceOctets = 256 * 1024

interface Piece {
  readonly name: string | undefined
  readonly octets: () => AsyncIterable<Uint8Array>
}

/** Asks clamd. Nothing of a message is held in memory but the piece that is being sent. */
export class ClamdScanner {
  readonly #parts: ClamdParts
  /** The same attachment to many people, the same message sent again: what was found, or undefined, for a while. */
  readonly #known = new LRUCache<string, { readonly found: string | undefined }>({ max: 1000, ttl: 600_000 })
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(parts: ClamdParts) {
    this.#parts = parts
  }

  /**
   * Each attachment by itself, so that it does not matter how clamd would read the message; then the whole, for what stands in
   * texts and headers.
   */
  async scan(id: string, message: MessageRef): Promise<Scan> {
    await this.#turn()
    try {
      return await this.#scan(id, message)
    } finally {
      this.#next()
    }
  }

  async #scan(id: string, message: MessageRef): Promise<Scan> {
    const until = Date.now() + longestScanMs
    for (const piece of this.#pieces(message)) {
      const verdict = await this.#verdict(piece, until)
      switch (verdict.kind) {
        case 'found':
          return { kind: 'found', what: 'virus', name: verdict.name, part: piece.name }
        case 'failed':
          return { kind: 'failed', why: verdict.why }
        case 'too-long':
          // clamd passes what exceeds its other limits, too; the parts of a long message are looked at one by one.
          this.#parts.log.info('virus.too-long', { id, part: piece.name ?? 'all', size: message.size })
          break
        case 'clean':
      }
    }
    return { kind: 'clean' }
  }

  #pieces(message: MessageRef): Piece[] {
    const read = (from: number, to: number) => this.#parts.bytes.read(message, { from, to })
    const encoded = message.index.parts.filter(isEncodedFile).slice(0, mostParts)
    return [
      ...encoded.map((part) => ({
        name: part.name ?? part.type,
        octets: () => partOctets(part, read),
      })),
      { name: undefined, octets: () => wholeOf(message, read) },
    ]
  }

  async #verdict({ octets }: Piece, until: number): Promise<StreamVerdict> {
    const digest = await digestOf(octets())
    const known = this.#known.get(digest)
    if (known) return known.found === undefined ? { kind: 'clean' } : { kind: 'found', name: known.found }
    const verdict = await this.#ask(octets, until)
    if (verdict.kind === 'clean') this.#known.set(digest, { found: undefined })
    if (verdict.kind === 'found') this.#known.set(digest, { found: verdict.name })
    return verdict
  }

  async #ask(octets: Piece['octets'], until: number): Promise<StreamVerdict> {
    let verdict: StreamVerdict = { kind: 'failed', why: 'no time left' }
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await sleep(pauseMs * attempt)
      const left = until - Date.now()
      if (left <= 0) return verdict
      verdict = await scanStream(this.#parts.address, octets(), left)
      if (verdict.kind !== 'failed') return verdict
    }
    return verdict
  }

  async #turn(): Promise<void> {
    if (this.#running < atOnce) this.#running++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Handed on without going down, so that nobody gets in between. */
  #next(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running--
  }
}

/** Text that stands in the message as it is read there is scanned with the whole. */
function isEncodedFile({ type, encoding, name, bodyStart, bodyEnd }: MessagePart): boolean {
  if (bodyEnd <= bodyStart || !/^(?:base64|quoted-printable)$/.test(encoding)) return false
  return name !== undefined || !/^(?:text\/(?:plain|html)$|multipart\/|message\/rfc822$)/.test(type)
}

async function* wholeOf(
  { size }: MessageRef,
  read: (from: number, to: number) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < size; from += pieceOctets)
    yield await read(from, Math.min(from + pieceOctets, size))
}

async function digestOf(octets: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of octets) hash.update(piece)
  return hash.digest('base64')
}
