import type { Clock } from '../../../ports/runtime.ts'
import type { DirectoryDatabase } from './database.ts'
import { createRepository, type Repository } from './repository.ts'
import { readDirectory } from './rows.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'
import { bare } from './trouble.ts'

/** What another process wrote to a shared database is noticed after this long. */
const lookAgainMs = 2_000
/** How often to read again where somebody writes all the time. */
const mostReads = 5

/**
 * The directory while it is open. Look-ups answer from a snapshot that any write empties, so that ten thousand a second
 * cost nothing. Invariant: whoever asks after a write of this process has resolved sees that write. Where the database
 * cannot be reached everything here rejects with what `tryLater` knows, and works again when it is back.
 */
export class Directory {
  readonly #clock: Clock
  #open: { readonly database: DirectoryDatabase; readonly repository: Repository } | undefined
  #kept: { readonly version: number; readonly snapshot: Snapshot } | undefined
  /** The kept one is known to be of today until then. */
  #freshUntil = 0
  #looking: Promise<Snapshot> | undefined
  #last: Snapshot | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  open(database: DirectoryDatabase): void {
    this.#open = { database, repository: createRepository({ db: database.db, now: () => this.#clock.now() }) }
  }

  async close(): Promise<void> {
    await this.#open?.database.close()
    this.#open = undefined
    this.#forget()
  }

  get database(): DirectoryDatabase {
    return this.#opened.database
  }

  /** For reads that need no transaction. */
  get repository(): Repository {
    return this.#opened.repository
  }

  /** The one that was read last, whether or not it is of today. */
  get lastSnapshot(): Snapshot | undefined {
    return this.#last
  }

  async snapshot(): Promise<Snapshot> {
    if (this.#kept && this.#clock.now() < this.#freshUntil) return this.#kept.snapshot
    this.#looking ??= this.#look()
    return this.#looking
  }

  /** All of it or, when it throws, nothing. One at a time, over all processes. */
  async write<T>(run: (repository: Repository) => Promise<T>): Promise<T> {
    const { repository } = this.#opened
    try {
      return await this.#transaction(async () => {
        await repository.newVersion()
        return run(repository)
      })
    } finally {
      this.#forget()
    }
  }

  /** For what no look-up depends on: when a token was used, how a fetch went. The snapshot stays. */
  async writeQuietly<T>(run: (repository: Repository) => Promise<T>): Promise<T> {
    const { repository } = this.#opened
    return this.#transaction(() => run(repository))
  }

  async #transaction<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await this.#opened.database.transaction(run)
    } catch (error) {
      throw bare(error)
    }
  }

  #forget(): void {
    this.#kept = undefined
    this.#looking = undefined
  }

  // A snapshot whose reading failed, or during which this process wrote, is not kept.
  #look(): Promise<Snapshot> {
    const { database, repository } = this.#opened
    const looking: Promise<Snapshot> = this.#current(repository).then(
      (current) => {
        this.#last = current.snapshot
        if (this.#looking === looking) {
          this.#kept = current
          this.#freshUntil = database.isShared ? this.#clock.now() + lookAgainMs : Number.POSITIVE_INFINITY
          this.#looking = undefined
        }
        return current.snapshot
      },
      (error: unknown) => {
        if (this.#looking === looking) this.#looking = undefined
        throw bare(error)
      },
    )
    return looking
  }

  /** Of one version, although it is read in several statements. */
  async #current(repository: Repository) {
    let version = await repository.version()
    if (this.#kept?.version === version) return this.#kept
    for (let read = 1; ; read++) {
      const snapshot = takeSnapshot(await readDirectory(repository.db))
      const after = await repository.version()
      if (after === version || read === mostReads) return { version, snapshot }
      version = after
    }
  }

  get #opened() {
    if (!this.#open) throw new Error('the directory is not open')
    return this.#open
  }
}
