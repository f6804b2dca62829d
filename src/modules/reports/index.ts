import { openOrPutAside } from '../../platform/sqlite/put-aside.ts'
import type { SqliteWriter } from '../../platform/sqlite/writer.ts'
import type { ArrivalWitness, MailReports } from '../../ports/mail-reports.ts'
import type { Service } from '../../ports/runtime.ts'
import { ReportReader, type ReportReaderParts } from './arrival.ts'
import { ReportBook } from './book/book.ts'
import { dayOf, SeenCounts } from './counts.ts'
import { rounds } from './rounds.ts'
import { DmarcReporter, type DmarcReporterParts } from './sending/dmarc-reporter.ts'
import { mailReports } from './summary/mail-reports.ts'

interface ReportsParts extends Omit<ReportReaderParts, 'book'> {
  readonly dataDir: string
  readonly writer: SqliteWriter
  /** Whether what arrives is counted for the owners of its domains. DMARC_SEND_REPORTS. */
  readonly counts: boolean
}

interface Reports {
  readonly reports: MailReports
  readonly witness: ArrivalWitness
  readonly service: Service
  /** Sends what was counted. */
  sending(parts: Omit<DmarcReporterParts, 'book' | 'clock' | 'log' | 'meter' | 'domains'>): Service
}

const dayMs = 86_400_000
const hourMs = 3_600_000
/** What could not be told by then is told no more. */
const seenKeptMs = 8 * dayMs
/** A year and a month, so that a month can be held against the one of the year before. */
const reportsKeptMs = 400 * dayMs

/** Reports on mail, with what they stand on in `reports.db`. Usable once the service has started. */
export function createReports({ dataDir, writer, counts: isCounted, ...parts }: ReportsParts): Reports {
  let opened: ReportBook | undefined
  const book = () => {
    if (!opened) throw new Error('reports.db is not open')
    return opened
  }
  const reader = new ReportReader({ ...parts, book })
  const counts = new SeenCounts({ ...parts, book })
  const sweeping = rounds(parts, {
    name: 'reports.sweep',
    everyMs: 12 * hourMs,
    run: () => {
      const now = parts.clock.now()
      return book().sweep({ day: dayOf(now - seenKeptMs), ends: now - reportsKeptMs })
    },
  })
  return {
    reports: mailReports(book),
    witness: {
      read: (arrival, checks) => reader.read(arrival, checks),
      count: (arrival, checks, applied) => {
        if (isCounted) counts.count(arrival, checks, applied)
      },
    },
    service: {
      name: 'reports',
      async start() {
        opened = await openOrPutAside({ ...parts, dataDir, name: 'reports.db' }, () =>
          ReportBook.open(dataDir, writer),
        )
        await sweeping.start()
      },
      async drain() {
        await sweeping.drain()
        await counts.drain()
      },
      async stop() {
        await counts.drain()
        await opened?.close()
      },
    },
    sending(more) {
      const reporter = new DmarcReporter({ ...parts, ...more, book })
      return rounds(parts, {
        name: 'dmarc.reports',
        everyMs: hourMs / 2,
        run: (signal) => reporter.report(signal),
      })
    },
  }
}
