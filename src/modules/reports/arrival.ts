import { type Address, type DomainName, domainOf, parseDomain } from '../../lib/address.ts'
import type { LocalDomains } from '../../ports/addresses.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { AuthChecks } from '../../ports/mail-authentication.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import type { ReportBook } from './book/book.ts'
import { partOctets, reportParts } from './reading/attached.ts'
import { type ReadReport, readReport } from './reading/read-report.ts'

export interface ReportReaderParts {
  readonly book: () => ReportBook
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly domains: LocalDomains
  /** What our records name for reports. */
  readonly addresses: readonly Address[]
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

type Readable = Exclude<ReadReport, { kind: 'unreadable' }>

/** Reads reports on our mail that come as messages. One after the other: each may cost some tenths of a second. */
export class ReportReader {
  readonly #parts: ReportReaderParts
  readonly #addresses: ReadonlySet<Address>
  #reading: Promise<unknown> = Promise.resolve()

  constructor(parts: ReportReaderParts) {
    this.#parts = parts
    this.#addresses = new Set(parts.addresses)
  }

  /** True where a report was kept, or was known already. */
  async read(arrival: Arrival, checks: AuthChecks | undefined): Promise<boolean> {
    if (arrival.origin.kind !== 'arrived' || !this.#isForReports(arrival)) return false
    if (reportParts(arrival.message.index).length === 0) return false
    // Before anything is unpacked: who has not proven himself costs nothing.
    if (proven('dmarc', checks) === undefined && proven('tls', checks) === undefined) {
      if (/^report domain:/i.test(arrival.message.index.subject)) this.#tell(arrival, { outcome: 'unproven' })
      return false
    }
    const reading = this.#reading.then(() => this.#readNow(arrival, checks))
    this.#reading = reading
    return reading
  }

  #isForReports({ recipients }: Arrival): boolean {
    return recipients.some(({ address }) => this.#addresses.has(address))
  }

  async #readNow(arrival: Arrival, checks: AuthChecks | undefined): Promise<boolean> {
    const { bytes, log } = this.#parts
    try {
      let isReport = false
      for (const part of reportParts(arrival.message.index)) {
        const read = await readReport(await partOctets(bytes, arrival.message, part))
        if (read.kind === 'unreadable') this.#tell(arrival, { outcome: 'unreadable', why: read.why })
        else isReport = (await this.#take(arrival, read, checks)) || isReport
      }
      return isReport
    } catch (cause) {
      log.error('reports.not-read', cause, { id: arrival.id })
      return false
    }
  }

  async #take(arrival: Arrival, read: Readable, checks: AuthChecks | undefined): Promise<boolean> {
    const { domains, clock } = this.#parts
    const reporter = proven(read.kind, checks)
    const about = { kind: read.kind, org: read.report.org, report_id: read.report.reportId, reporter }
    const ours = await domains.list()
    const pieces = byDomain(read).filter(({ domain }) => isBelow(domain, ours))
    if (reporter === undefined || pieces.length === 0) {
      this.#tell(arrival, { ...about, outcome: reporter === undefined ? 'unproven' : 'foreign' })
      return false
    }
    for (const { domain, ends, body } of pieces) {
      const { reportId } = read.report
      const received = clock.now()
      const isNew = await this.#parts
        .book()
        .keep({ kind: read.kind, domain, reporter, reportId, ends, received, body: JSON.stringify(body) })
      this.#tell(arrival, { ...about, domain, outcome: isNew ? 'kept' : 'known' })
    }
    return true
  }

  #tell(
    { id }: Arrival,
    { outcome, ...said }: { outcome: string; [name: string]: string | undefined },
  ): void {
    const { log, meter } = this.#parts
    meter.count('reports_received_total', { outcome })
    log.info('reports.received', { id, outcome, ...said })
  }
}

/** Who has proven to have sent it. RFC 9990 §3.5.2 wants DMARC, RFC 8460 §5.3 a signature; where a domain has no record of DMARC, what it has must do. */
function proven(kind: Readable['kind'], checks: AuthChecks | undefined): string | undefined {
  if (!checks) return undefined
  const { dkim, dmarc, spf } = checks
  const [signed] = dkim.filter(({ result }) => result === 'pass').map(({ domain }) => domain)
  if (kind === 'tls') return signed
  if (dmarc.result === 'pass') return dmarc.author
  if (dmarc.result !== 'none') return undefined
  return signed ?? (spf.result === 'pass' && spf.identity === 'mailfrom' ? spf.domain : undefined)
}

interface Piece {
  readonly domain: string
  readonly ends: number
  readonly body: object
}

/** What it says of each domain. */
function byDomain(read: Readable): readonly Piece[] {
  if (read.kind === 'dmarc') {
    const { domain, end } = read.report
    return [{ domain, ends: (end + 1) * 1000, body: read.report }]
  }
  const policies = Map.groupBy(read.report.policies, ({ domain }) => domain)
  return [...policies].map(([domain, some]) => ({
    domain,
    ends: read.report.end,
    body: { ...read.report, policies: some },
  }))
}

const isBelow = (name: string, ours: readonly DomainName[]) =>
  ours.some((domain) => name === domain || name.endsWith(`.${domain}`))

/** The domain of an envelope or a header as reports name it. */
export const domainName = (address: Address | undefined): string =>
  address === undefined ? '' : (parseDomain(domainOf(address)) ?? '')
