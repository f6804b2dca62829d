import { AsyncLocalStorage } from 'node:async_hooks'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { DirectoryDatabase } from './database.ts'
import { createRepository, type Repository } from './repository.ts'
import { type DirectoryRows, readDirectory, readTouched, type Touched } from './rows.ts'
import { type LiveSnapshot, type Snapshot, takeSnapshot } from './snapshot.ts'
import { bare } from './trouble.ts'

/** What another process wrote to a shared database is noticed after this long. */
const lookAgainMs = 2_000
/** How often to read again where somebody writes all the time. */
const mostReads = 5
/** Beyond, all is read again, by whoever asks next. */
const mostTouched = 500

interface Kept {
  version: number
  readonly snapshot: LiveSnapshot
}

/** A write of this process that has come to its end. */
interface Written {
  readonly version: number
  /** As they are at this version; undefined where it is not known what was touched. */
  readonly anew: { readonly touched: Touched; readonly rows: DirectoryRows } | undefined
}

/** A question to the database. */
interface Look {
  readonly found: Promise<Snapshot>
  /** What was written since it was asked. */
  readonly meanwhile: Written[]
}

/**
 * The directory while it is open. Look-ups answer from a snapshot, so that ten thousand a second cost nothing. Each write of this process reads
 * what it touched in its own transaction, and brings the snapshot from its version to the next; where one is missing in between, because another
 * process wrote, all is read again. Invariant: whoever asks after a write of this process has resolved sees that write. Where the database
 * cannot be reached everything here rejects with what `tryLater` knows, and works again when it is back.
 */
export class Directory {
  readonly #clock: Clock
  readonly #inside = new AsyncLocalStorage<true>()
  #open: { readonly database: DirectoryDatabase; readonly repository: Repository } | undefined
  #kept: Kept | undefined
  /** The kept one is known to be of today until then. */
  #freshUntil = 0
  #looking: Look | undefined
  #last: Snapshot | undefined
  #changing = 0

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

  /** A change is under way, and what is written now waits for its end. */
  get isChanging(): boolean {
    return this.#changing > 0
  }

  async snapshot(): Promise<Snapshot> {
    if (this.#kept && this.#clock.now() < this.#freshUntil) return this.#kept.snapshot
    // What a transaction sees may be undone.
    if (this.#inside.getStore()) return takeSnapshot(await readDirectory(this.#opened.repository.db))
    this.#looking ??= this.#look()
    return this.#looking.found
  }

  /** All of it or, when it throws, nothing. One at a time, over all processes. `touchedBy` says what look-ups have to know of. */
  async write<T>(
    run: (repository: Repository) => Promise<T>,
    touchedBy: (result: T) => Touched | 'everything',
  ): Promise<T> {
    const { repository } = this.#opened
    this.#changing++
    try {
      const { result, ...written } = await this.#transaction(async () => {
        await repository.newVersion()
        const result = await run(repository)
        return {
          result,
          version: await repository.version(),
          anew: await readAnew(repository, touchedBy(result)),
        }
      })
      this.#follow(written)
      return result
    } catch (error) {
      // Perhaps it was written after all: the version tells.
      this.#freshUntil = 0
      this.#looking = undefined
      throw error
    } finally {
      this.#changing--
    }
  }

  /** Where nothing is touched but one account and what belongs to it. */
  async writeFor<T>(account: AccountId, run: (repository: Repository) => Promise<T>): Promise<T> {
    const user = (await this.snapshot()).byAccount.get(account)
    return this.write(run, () => ({ users: user ? [user.address] : [], aliases: [], places: false }))
  }

  /** For what no look-up depends on: when a token was used, how a fetch went. The snapshot stays. */
  async writeQuietly<T>(run: (repository: Repository) => Promise<T>): Promise<T> {
    const { repository } = this.#opened
    return this.#transaction(() => run(repository))
  }

  async #transaction<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await this.#opened.database.transaction(() => this.#inside.run(true, run))
    } catch (error) {
      throw bare(error)
    }
  }

  #forget(): void {
    this.#kept = undefined
    this.#looking = undefined
  }

  #follow(written: Written): void {
    this.#looking?.meanwhile.push(written)
    if (this.#kept && !follow(this.#kept, written)) this.#kept = undefined
  }

  #look(): Look {
    const meanwhile: Written[] = []
    const look: Look = {
      meanwhile,
      found: this.#current(meanwhile, (kept) => this.#keep(kept, look)).catch((error: unknown) => {
        if (this.#looking === look) this.#looking = undefined
        throw bare(error)
      }),
    }
    return look
  }

  /** Not where a write failed since: nobody knows what it has done. */
  #keep(kept: Kept, look: Look): Snapshot {
    this.#last = kept.snapshot
    if (this.#looking !== look) return kept.snapshot
    const { isShared } = this.#opened.database
    this.#kept = kept
    this.#freshUntil = isShared ? this.#clock.now() + lookAgainMs : Number.POSITIVE_INFINITY
    this.#looking = undefined
    return kept.snapshot
  }

  /** Of one version, although it is read in several statements. Nothing may be waited for between the last write of `meanwhile` and `keep`. */
  async #current(meanwhile: readonly Written[], keep: (kept: Kept) => Snapshot): Promise<Snapshot> {
    const { repository } = this.#opened
    const known = this.#kept
    const from = known?.version ?? 0
    let version = await repository.version()
    if (known && known === this.#kept && from <= version && version <= known.version) return keep(known)
    for (let read = 1; ; read++) {
      const kept = { version, snapshot: await takeSnapshot(await readDirectory(repository.db)) }
      const after = await repository.version()
      for (const written of meanwhile.toSorted((a, b) => a.version - b.version)) follow(kept, written)
      if (kept.version >= after || read === mostReads) return keep(kept)
      version = after
    }
  }

  get #opened() {
    if (!this.#open) throw new Error('the directory is not open')
    return this.#open
  }
}

/** False where something between the two is not known. */
function follow(kept: Kept, { version, anew }: Written): boolean {
  if (version <= kept.version) return true
  if (anew) kept.snapshot.update(anew.touched, anew.rows)
  if (!anew || version !== kept.version + 1) return false
  kept.version = version
  return true
}

async function readAnew({ db }: Repository, touched: Touched | 'everything'): Promise<Written['anew']> {
  if (touched === 'everything' || touched.users.length + touched.aliases.length > mostTouched)
    return undefined
  return { touched, rows: await readTouched(db, touched) }
}
