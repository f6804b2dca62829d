import { readFile, stat } from 'node:fs/promises'
import type { Clock, Log } from '../../../ports/runtime.ts'
import { type PolicyMap, readPolicyMap } from './policy-map.ts'

export type MapFound =
  | { readonly kind: 'map'; readonly map: PolicyMap }
  | { readonly kind: 'broken'; readonly text: string }

const lookAgainMs = 5_000
const empty: MapFound = { kind: 'map', map: new Map() }

/** tls_policy.map, read again when it has changed. Without the file nobody asks for anything. */
export class MapFile {
  readonly #path: string
  readonly #clock: Clock
  readonly #log: Log
  #found: MapFound = empty
  #changedMs = 0
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(path: string, { clock, log }: { clock: Clock; log: Log }) {
    this.#path = path
    this.#clock = clock
    this.#log = log
  }

  async read(): Promise<MapFound> {
    if (this.#clock.now() < this.#lookedAt + lookAgainMs) return this.#found
    this.#lookedAt = this.#clock.now()
    try {
      const { mtimeMs } = await stat(this.#path)
      if (mtimeMs === this.#changedMs) return this.#found
      this.#changedMs = mtimeMs
      this.#found = { kind: 'map', map: readPolicyMap(await readFile(this.#path, 'utf8')) }
    } catch (cause) {
      this.#found = this.#without(cause as Error & { code?: string })
    }
    return this.#found
  }

  /** Whoever wrote a line asked for more than everybody gets: mail waits until it can be read. */
  #without(cause: Error & { code?: string }): MapFound {
    if (cause.code === 'ENOENT') {
      this.#changedMs = 0
      return empty
    }
    this.#log.warn('outgoing.tls-policy-map-broken', { path: this.#path, text: cause.message })
    return { kind: 'broken', text: `tls_policy.map cannot be read: ${cause.message}` }
  }
}
