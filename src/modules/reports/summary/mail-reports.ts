import { nextTurn } from '../../../platform/next-turn.ts'
import type { MailReports, Reporter, ReportQuestion } from '../../../ports/mail-reports.ts'
import type { ReportBook } from '../book/book.ts'
import type { DmarcReport } from '../dmarc-report.ts'
import type { TlsReport } from '../tls-report.ts'
import { DmarcTotals } from './dmarc-totals.ts'
import { TlsTotals } from './tls-totals.ts'

interface Totals<Report, Summary> {
  add(report: Report, reporter: string): void
  summary(domain: string, reporters: readonly Reporter[]): Summary
}

/** Sums up what is in the book, some reports at a time. */
export function mailReports(book: () => ReportBook): MailReports {
  return {
    dmarc: (question) => sum(book(), 'dmarc', question, () => new DmarcTotals()),
    tls: (question) => sum(book(), 'tls', question, () => new TlsTotals()),
  }
}

async function sum<Report extends DmarcReport | TlsReport, Summary>(
  book: ReportBook,
  kind: 'dmarc' | 'tls',
  { domain, since }: ReportQuestion,
  begin: () => Totals<Report, Summary>,
): Promise<readonly Summary[]> {
  const totals = new Map<string, { totals: Totals<Report, Summary>; reporters: Reporters }>()
  for (let after = 0; ; ) {
    const page = book.reports(kind, { domain, since, after })
    for (const { domain: about, reporter, body } of page) {
      const report = JSON.parse(body) as Report
      const known = totals.get(about) ?? { totals: begin(), reporters: new Reporters() }
      totals.set(about, known)
      known.totals.add(report, reporter)
      known.reporters.add(reporter, report.org)
    }
    const last = page.at(-1)
    if (!last) break
    after = last.id
    await nextTurn()
  }
  // Nobody has said anything yet: which is worth saying.
  if (domain !== undefined && !totals.has(domain))
    totals.set(domain, { totals: begin(), reporters: new Reporters() })
  return [...totals]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, found]) => found.totals.summary(name, found.reporters.list()))
}

class Reporters {
  readonly #known = new Map<string, { name: string; reports: number }>()

  add(domain: string, name: string): void {
    const known = this.#known.get(domain)
    this.#known.set(domain, { name, reports: (known?.reports ?? 0) + 1 })
  }

  list(): readonly Reporter[] {
    return [...this.#known]
      .map(([domain, said]) => ({ domain, ...said }))
      .sort((one, other) => other.reports - one.reports)
  }
}
