import type { Clock, Log } from '../../../ports/runtime.ts'
import type { DirectoryDatabase } from '../directory/database.ts'
import { and, eq, gt, inArray, lte } from '../directory/drizzle.ts'
import { limits } from '../directory/schema.ts'
import type { StoredMarks } from './moving-window.ts'

const batchMs = 5_000

/** Something that counts, and can say what has changed. */
interface Counts {
  readonly kind: string
  takeChanged(now: number): readonly StoredMarks[]
  restore(stored: Pick<StoredMarks, 'name' | 'marks'>): void
}

/** Writes counters down every few seconds while they change, so that a restart forgets nothing older than that. */
export class LimitsPersistence {
  readonly #windows: readonly Counts[]
  readonly #clock: Clock
  readonly #log: Log
  readonly #ending = new AbortController()
  #database: DirectoryDatabase | undefined
  #running: Promise<void> | undefined

  constructor({ windows, clock, log }: { windows: readonly Counts[]; clock: Clock; log: Log }) {
    this.#windows = windows
    this.#clock = clock
    this.#log = log
  }

  async start(database: DirectoryDatabase): Promise<void> {
    this.#database = database
    const now = this.#clock.now()
    const rows = await database.db.select().from(limits).where(gt(limits.expiresAt, now))
    for (const row of rows) this.#windows.find(({ kind }) => kind === row.kind)?.restore(row)
    this.#running = this.#run(database)
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#running
  }

  async #run(database: DirectoryDatabase): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#clock.sleep(batchMs, this.#ending.signal)
      await this.flush(database)
    }
  }

  async flush(database = this.#database): Promise<void> {
    const now = this.#clock.now()
    const changed = this.#windows.flatMap((window) =>
      window.takeChanged(now).map((stored) => ({ kind: window.kind, ...stored })),
    )
    if (!database || changed.length === 0) return
    try {
      await database.transaction(async () => {
        await database.db.delete(limits).where(lte(limits.expiresAt, now))
        await writeDown(database, changed)
      })
    } catch (error) {
      // Counting goes on in memory; the next change of a name writes it again.
      this.#log.error('limits.not-written', error, { names: changed.length })
    }
  }
}

type Row = typeof limits.$inferInsert

const rowsPerStatement = 100

async function writeDown({ db }: DirectoryDatabase, rows: readonly Row[]): Promise<void> {
  for (const [kind, ofKind] of Map.groupBy(rows, (row) => row.kind)) {
    for (let at = 0; at < ofKind.length; at += rowsPerStatement) {
      const some = ofKind.slice(at, at + rowsPerStatement)
      const names = some.map((row) => row.name)
      await db.delete(limits).where(and(eq(limits.kind, kind), inArray(limits.name, names)))
      const left = some.filter((row) => row.marks.length > 0)
      if (left.length > 0) await db.insert(limits).values(left)
    }
  }
}
