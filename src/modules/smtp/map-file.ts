import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Clock, Log } from '../../ports/runtime.ts'

export type MapFound<T> =
  | { readonly kind: 'map'; readonly map: T }
  | { readonly kind: 'broken'; readonly text: string }

const lookAgainMs = 1_000

interface Parts<T> {
  readonly path: string
  /** Throws where it cannot be read. */
  readonly read: (text: string) => T
  /** Without the file. */
  readonly empty: T
  readonly clock: Clock
  readonly log: Log
}

/** A file of the administrator's about sending, read again when it has changed. Without it nobody asks for anything. */
export class MapFile<T> {
  readonly #parts: Parts<T>
  #found: MapFound<T>
  #changedMs = 0
  #looking: Promise<MapFound<T>> | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(parts: Parts<T>) {
    this.#parts = parts
    this.#found = { kind: 'map', map: parts.empty }
  }

  async read(): Promise<MapFound<T>> {
    const { clock } = this.#parts
    if (clock.now() < this.#lookedAt + lookAgainMs) return this.#found
    // Whoever comes while it is being read waits for it: what was known before may be nothing.
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #look(): Promise<MapFound<T>> {
    const { clock, path, read } = this.#parts
    try {
      const { mtimeMs } = await stat(path)
      if (mtimeMs !== this.#changedMs) {
        this.#changedMs = mtimeMs
        this.#found = { kind: 'map', map: read(await readFile(path, 'utf8')) }
      }
    } catch (cause) {
      this.#found = this.#without(cause as Error & { code?: string })
    }
    this.#lookedAt = clock.now()
    return this.#found
  }

  /** Whoever wrote a line asked for something else than what everybody gets: mail waits until it can be read. */
  #without(cause: Error & { code?: string }): MapFound<T> {
    const { path, log, empty } = this.#parts
    if (cause.code === 'ENOENT') {
      this.#changedMs = 0
      return { kind: 'map', map: empty }
    }
    log.warn('outgoing.map-broken', { path, text: cause.message })
    return { kind: 'broken', text: `${basename(path)} cannot be read: ${cause.message}` }
  }
}
