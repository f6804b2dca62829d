import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from '../../../platform/sqlite/database.ts'
import { openReader } from '../../../platform/sqlite/reader.ts'
import type { SqliteWriter, WriterFile } from '../../../platform/sqlite/writer.ts'
import type { KeptReport, SeenCount } from './program.ts'

/** A domain and a day (UTC) that its owner is to hear of. */
export interface SeenDay {
  readonly day: string
  readonly domain: string
  readonly policy: string
  readonly missed: number
}

export interface StoredReport {
  readonly id: number
  readonly domain: string
  readonly reporter: string
  readonly ends: number
  readonly body: string
}

const page = 50
const applicationId = 0x68707272
const readerCacheKiB = 256

/** What `reports.db` holds. */
export class ReportBook {
  readonly #db: Database
  readonly #file: WriterFile

  private constructor(db: Database, file: WriterFile) {
    this.#db = db
    this.#file = file
  }

  static async open(dataDir: string, writer: SqliteWriter): Promise<ReportBook> {
    const path = join(dataDir, 'reports.db')
    const file = await writer.open({
      name: 'reports.db',
      path,
      synchronous: 'normal',
      migrations: {
        folder: fileURLToPath(new URL('../../../../migrations/reports/', import.meta.url)),
        applicationId,
      },
      program: new URL('./program.ts', import.meta.url),
    })
    return new ReportBook(openReader(path, { cacheKiB: readerCacheKiB }), file)
  }

  async count(seen: readonly SeenCount[]): Promise<void> {
    await this.#file.call('count', { seen })
  }

  /** Days before `today`, by day and domain; `after` is the last one seen. */
  seenDays(today: string, after: Pick<SeenDay, 'day' | 'domain'>): readonly SeenDay[] {
    return this.#db
      .prepare<unknown[], SeenDay>(
        `SELECT day, domain, policy, missed FROM seen_domain
           WHERE (day, domain) > (?, ?) AND day < ? ORDER BY day, domain LIMIT ${page}`,
      )
      .all(after.day, after.domain, today)
  }

  seen({ day, domain }: Pick<SeenDay, 'day' | 'domain'>): readonly { facts: string; messages: number }[] {
    return this.#db
      .prepare<unknown[], { facts: string; messages: number }>(
        'SELECT facts, messages FROM seen WHERE day = ? AND domain = ? ORDER BY messages DESC',
      )
      .all(day, domain)
  }

  async forgetSeen({ day, domain }: Pick<SeenDay, 'day' | 'domain'>): Promise<void> {
    await this.#file.call('forgetSeen', { day, domain })
  }

  /** False where the report is known. */
  keep(report: KeptReport): Promise<boolean> {
    return this.#file.call<boolean>('keep', report)
  }

  /** Those that end after `since`, the oldest id first; `after` is the last id seen, 0 at first. */
  reports(
    kind: KeptReport['kind'],
    question: { readonly domain: string | undefined; readonly since: number; readonly after: number },
  ): readonly StoredReport[] {
    const { domain = null, since, after } = question
    return this.#db
      .prepare<unknown[], StoredReport>(
        `SELECT id, domain, reporter, ends, body FROM report
           WHERE kind = ? AND ends > ? AND id > ? AND (? IS NULL OR domain = ?) ORDER BY id LIMIT ${page}`,
      )
      .all(kind, since, after, domain, domain)
  }

  async sweep(before: { readonly day: string; readonly ends: number }): Promise<void> {
    await this.#file.call('sweep', before)
  }

  async close(): Promise<void> {
    await this.#file.close()
    this.#db.close()
  }
}
