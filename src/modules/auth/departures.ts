import type { DirectoryWriter } from '../../ports/directory-writer.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import type { Directory } from './directory/directory.ts'
import { lte } from './directory/drizzle.ts'
import { readDepartures } from './directory/rows.ts'
import { departures } from './directory/schema.ts'

const everyMs = 15 * 60_000

interface Needs {
  readonly directory: Directory
  readonly writer: DirectoryWriter
  readonly clock: Clock
  readonly log: Log
}

/** Deletes for good who was deleted long enough ago. */
export class Departures {
  readonly #needs: Needs
  readonly #ending = new AbortController()
  #running: Promise<void> | undefined

  constructor(needs: Needs) {
    this.#needs = needs
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      await this.#deleteDue().catch((error: unknown) => {
        this.#needs.log.error('directory.departures-wait', error)
      })
      await this.#needs.clock.sleep(everyMs, signal)
    }
  }

  async #deleteDue(): Promise<void> {
    const { directory, writer, clock, log } = this.#needs
    const due = await readDepartures(directory.repository.db, lte(departures.deleteAt, clock.now()))
    for (const { user } of due) {
      if (this.#ending.signal.aborted) return
      // Both or nothing: somebody may take him back at this moment.
      const changes = [
        { on: 'departure', do: 'delete', key: user },
        { on: 'user', do: 'delete', key: user },
      ] as const
      const { kind } = await writer.apply(changes, { actor: 'clock' })
      log.info('directory.user-deleted', { user, outcome: kind })
    }
  }
}
