import type { Clock, Log } from '../../../ports/runtime.ts'
import type { Directory } from '../directory/directory.ts'

interface Use {
  readonly at: number
  readonly by: string
  readonly client: string
}

const batchMs = 60_000
const longestClient = 100

/** Writes down once a minute which tokens were used last from where, so that no sign-in costs a write. */
export class TokenStamps {
  readonly #directory: Directory
  readonly #clock: Clock
  readonly #log: Log
  readonly #ending = new AbortController()
  #uses = new Map<number, Use>()
  #running: Promise<void> | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor({ directory, clock, log }: { directory: Directory; clock: Clock; log: Log }) {
    this.#directory = directory
    this.#clock = clock
    this.#log = log
  }

  note(token: number, { by, client }: Omit<Use, 'at'>): void {
    const shown = client.replace(/\p{Cc}/gu, '').slice(0, longestClient)
    this.#uses.set(token, { by, client: shown, at: this.#clock.now() })
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#running
  }

  /** Resolves when all that was noted before is written. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const uses = this.#uses
    if (uses.size === 0) return
    this.#uses = new Map()
    try {
      await this.#directory.writeQuietly(async (rows) => {
        for (const [token, use] of uses) await rows.noteTokenUse(token, use)
      })
    } catch (error) {
      // The next use is written again; nobody depends on this one.
      this.#log.error('sign-in.token-use-not-written', error, { tokens: uses.size })
    }
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#clock.sleep(batchMs, this.#ending.signal)
      await this.flush()
    }
  }
}
