import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Passage } from '../../../ports/old-servers.ts'

/** RFC 9051 §5.4 gives clients half an hour; they and the old server end it earlier if they like. */
const mostSilentMs = 45 * 60_000
/** After one side has ended, for the other to do so. */
const mostHalfOpenMs = 30_000
/** Nobody is in the middle of a word then. */
const lullMs = 2_000

/** A client and an old server, and what went between them. */
export class OpenPassage implements Passage {
  readonly #run: (passage: OpenPassage) => Promise<void>
  readonly #old: Duplex
  readonly #early: Uint8Array
  #client: Duplex | undefined
  #clientSaid: Uint8Array = new Uint8Array()
  #fromClient = 0
  #fromOld = 0
  #seen = 0
  #movedAt: number | undefined
  #isEnding = false

  /** `early` is what the old server has said already; `run` watches it as long as it lasts. */
  constructor(old: Duplex, early: Uint8Array, run: (passage: OpenPassage) => Promise<void>) {
    this.#old = old
    this.#early = early
    this.#run = run
  }

  get octets(): { readonly fromClient: number; readonly fromOld: number } {
    return { fromClient: this.#fromClient, fromOld: this.#fromOld }
  }

  async carry(client: Duplex, early: Uint8Array): Promise<void> {
    this.#client = client
    this.#clientSaid = early
    await this.#run(this)
  }

  end(): void {
    this.#isEnding = true
    if (!this.#client) this.#old.destroy()
  }

  async pump(): Promise<void> {
    const client = this.#client
    if (!client) return
    if (this.#early.length > 0) client.write(this.#early)
    if (this.#clientSaid.length > 0) this.#old.write(this.#clientSaid)
    this.#fromClient = this.#clientSaid.length
    this.#fromOld = this.#early.length
    this.#clientSaid = new Uint8Array()
    client.on('data', (chunk: Buffer) => (this.#fromClient += chunk.length))
    this.#old.on('data', (chunk: Buffer) => (this.#fromOld += chunk.length))
    // Octet by octet, and no faster than the other side reads.
    const up = pipeline(client, this.#old)
    await Promise.allSettled([pipeline(this.#old, client)])
    // Its last word is out; what the client still says is for nobody.
    this.#old.destroy()
    await Promise.allSettled([up])
    client.destroy()
  }

  /** Ends what is of no more use; called once a second. */
  checkTime(now: number): void {
    const total = this.#fromClient + this.#fromOld
    if (total !== this.#seen) this.#movedAt = now
    this.#seen = total
    this.#movedAt ??= now
    const silentMs = now - this.#movedAt
    if (silentMs >= this.#patienceMs) this.#old.destroy()
  }

  get #patienceMs(): number {
    if (this.#isEnding) return lullMs
    const isHalfOpen = this.#old.readableEnded || this.#client?.readableEnded === true
    return isHalfOpen ? mostHalfOpenMs : mostSilentMs
  }
}
