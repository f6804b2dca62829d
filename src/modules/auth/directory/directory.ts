import type { SqliteWriter } from '../../../platform/sqlite/writer.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { type DirectoryDatabase, openDirectory } from './database.ts'
import { createRepository, type Repository } from './repository.ts'
import { readDirectory } from './rows.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'

/**
 * The directory while it is open. Look-ups answer from a snapshot that any write empties, so that ten thousand a second
 * cost nothing. Invariant: whoever asks after a write has resolved sees that write.
 */
export class Directory {
  readonly #clock: Clock
  #open: { database: DirectoryDatabase; repository: Repository } | undefined
  #snapshot: Promise<Snapshot> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async open(dataDir: string, writer: SqliteWriter): Promise<void> {
    const database = await openDirectory(dataDir, writer)
    this.#open = { database, repository: createRepository({ db: database.db, now: () => this.#clock.now() }) }
  }

  async close(): Promise<void> {
    await this.#open?.database.close()
    this.#open = undefined
    this.#snapshot = undefined
  }

  get database(): DirectoryDatabase {
    return this.#opened.database
  }

  snapshot(): Promise<Snapshot> {
    this.#snapshot ??= this.#load()
    return this.#snapshot
  }

  /** Reads that need no transaction. */
  get reads(): Pick<Repository, 'unsweptAccounts'> {
    return this.#opened.repository
  }

  /** All of it or, when it throws, nothing. */
  async write<T>(run: (repository: Repository) => Promise<T>): Promise<T> {
    const { database, repository } = this.#opened
    try {
      return await database.transaction(() => run(repository))
    } finally {
      this.#snapshot = undefined
    }
  }

  // A snapshot whose reading failed, or during which somebody wrote, is not kept.
  #load(): Promise<Snapshot> {
    const loading = readDirectory(this.#opened.database).then(takeSnapshot)
    loading.catch(() => {
      if (this.#snapshot === loading) this.#snapshot = undefined
    })
    return loading
  }

  get #opened() {
    if (!this.#open) throw new Error('the directory is not open')
    return this.#open
  }
}
