import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Patience } from './patience.ts'

/** Replies on their way to the client: gathered while commands are at hand, written at once. RFC 2920 §3.2. */
export class Output {
  readonly #stream: Duplex
  readonly #patience: Patience
  #pending = ''

  constructor(stream: Duplex, patience: Patience) {
    this.#stream = stream
    this.#patience = patience
  }

  add(text: string): void {
    this.#pending += text
  }

  /** Writes what is gathered. A promise only where the client is slow to take it. */
  flush(): Promise<void> | undefined {
    if (this.#pending === '' || !this.#stream.writable) return undefined
    const text = this.#pending
    this.#pending = ''
    return this.#stream.write(text) ? undefined : this.#drained()
  }

  /** Writes what is gathered and ends our side. */
  close(): void {
    void this.flush()
    this.#stream.end()
  }

  async #drained(): Promise<void> {
    const given = new AbortController()
    this.#patience.waits()
    const gone = () => given.abort()
    this.#stream.once('close', gone)
    await once(this.#stream, 'drain', { signal: given.signal }).catch(() => undefined)
    this.#stream.off('close', gone)
    this.#patience.goesOn()
  }
}
