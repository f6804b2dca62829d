import type { Log } from '../../ports/runtime.ts'
import { type FailureReport, SqliteFailure } from './failure.ts'

const quietMs = 60_000

/** Tells the administrator of a full disk or a damaged file: at once, and then once a minute while it lasts. */
export class FailureReports {
  readonly #log: Log
  readonly #lastTold = new Map<string, number>()

  constructor(log: Log) {
    this.#log = log
  }

  note(file: string, failure: FailureReport): void {
    const { reason, code } = failure
    // A bug is logged by whoever called; the end of the writer has its own line.
    if (reason === 'failed' || reason === 'stopped') return
    const key = `${file} ${reason}`
    const now = performance.now()
    if (now - (this.#lastTold.get(key) ?? Number.NEGATIVE_INFINITY) < quietMs) return
    this.#lastTold.set(key, now)
    if (reason === 'disk-full') this.#log.warn('sqlite.disk-full', { file, code })
    else this.#log.error('sqlite.damaged', new SqliteFailure(file, failure), { file, code })
  }
}
