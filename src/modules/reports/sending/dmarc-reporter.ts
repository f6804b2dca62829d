import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Address, domainOf, parseDomain } from '../../../lib/address.ts'
import type { LocalDomains } from '../../../ports/addresses.ts'
import type { DkimKeys } from '../../../ports/dkim-keys.ts'
import type { DmarcReporting, ReportDestination } from '../../../ports/dmarc-reporting.ts'
import type { PublishedDmarc } from '../../../ports/mail-authentication.ts'
import type { Delivery } from '../../../ports/mail-store.ts'
import type { MessageBytes } from '../../../ports/message.ts'
import type { OutgoingQueue } from '../../../ports/outgoing-queue.ts'
import type { OwnLetters } from '../../../ports/own-mail.ts'
import type { Clock, Log, Meter } from '../../../ports/runtime.ts'
import type { ReportBook, SeenDay } from '../book/book.ts'
import { dayOf } from '../counts.ts'
import type { DmarcReport, SeenFacts } from '../dmarc-report.ts'
import { dmarcMail } from './dmarc-mail.ts'
import { dmarcXml } from './dmarc-xml.ts'

export interface DmarcReporterParts {
  readonly book: () => ReportBook
  readonly reporting: DmarcReporting
  readonly letters: OwnLetters
  readonly bytes: Pick<MessageBytes, 'release'>
  readonly queue: Pick<OutgoingQueue, 'settle'>
  readonly keys: Pick<DkimKeys, 'signing'>
  readonly domains: LocalDomains
  /** Who reports: SITENAME, and the postmaster of DOMAIN. */
  readonly organization: string
  readonly postmaster: Address
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

const dayMs = 86_400_000
/** Reports of one day leave within so much of the next, each domain's at its own time: RFC 9990 §3.5, not all at midnight. */
const spreadMs = 4 * 3_600_000
/** A destination that DNS does not know now is asked for again as long as this. */
const keptMs = 4 * dayMs
const rememberedMs = 60 * dayMs
const gzipped = promisify(gzip)

/** Tells owners of domains once a day what arrived in their name, where they want to hear it. RFC 9990. */
export class DmarcReporter {
  readonly #parts: DmarcReporterParts

  constructor(parts: DmarcReporterParts) {
    this.#parts = parts
  }

  /** All days that are over; returns early when it is told to. */
  async report(signal: AbortSignal): Promise<void> {
    const { book, clock } = this.#parts
    for (let after = { day: '', domain: '' }; ; ) {
      const days = book().seenDays(dayOf(clock.now()), after)
      for (const seen of days) {
        if (signal.aborted) return
        if (dueAt(seen) <= clock.now() && !(await this.#tell(seen))) return
      }
      const last = days.at(-1)
      if (!last) return
      after = last
    }
  }

  /** False where none can be told now. */
  async #tell(seen: SeenDay): Promise<boolean> {
    const { book, reporting, log, clock } = this.#parts
    const { day, domain } = seen
    const policyDomain = parseDomain(domain)
    const found = policyDomain && (await reporting.destinations(policyDomain))
    if (found?.kind === 'later' && clock.now() < dueAt(seen) + keptMs) return true
    if (found?.kind === 'known') {
      for (const { address, why } of found.refused)
        log.info('dmarc.report-refused', { domain, to: address, why })
      if (found.to.length > 0 && !(await this.#send(seen, found.to))) return false
    }
    await book().forgetSeen({ day, domain })
    return true
  }

  async #send(seen: SeenDay, to: readonly ReportDestination[]): Promise<boolean> {
    const { book, postmaster, organization, queue, bytes, keys, log, clock } = this.#parts
    if ((await keys.signing(domainOf(postmaster))).length === 0) {
      log.warn('dmarc.reports-wait', {
        text: `Reports must be signed: make a key with homepost dkim generate ${domainOf(postmaster)}`,
      })
      return false
    }
    const report = reportOf(seen, book().seen(seen), { postmaster, organization })
    const deliveries = await this.#letters(report, to)
    if (deliveries === 'later') return false
    await this.#keepOwn(report)
    const { day, domain } = seen
    const once = {
      kind: 'told',
      name: `dmarc ${day} ${domain}`,
      value: '',
      until: clock.now() + rememberedMs,
    } as const
    const settled = await queue.settle({ rows: [], reports: deliveries, once })
    if (settled.kind === 'settled') return true
    // Before a crash it was sent already; or the disk is full.
    for (const { message } of deliveries) await bytes.release(message)
    return settled.kind === 'known'
  }

  async #letters(
    report: DmarcReport,
    to: readonly ReportDestination[],
  ): Promise<readonly Delivery[] | 'later'> {
    const { letters, bytes, postmaster, clock, log, meter } = this.#parts
    const packed = await gzipped(dmarcXml(report, 'Homepost'))
    const deliveries: Delivery[] = []
    for (const { address, mostOctets = Number.POSITIVE_INFINITY } of to) {
      const whole = dmarcMail({
        report,
        packed,
        from: postmaster,
        to: address,
        submitter: domainOf(postmaster),
        now: clock.now(),
      })
      // RFC 7489 §7.2.1: as it is sent, encoded.
      const planned =
        whole.length <= mostOctets
          ? await letters.plan({
              id: report.reportId,
              to: address,
              whole,
              requireTls: false,
              smtpUtf8: false,
            })
          : ({ kind: 'nowhere', text: `it wants no more than ${mostOctets} octets` } as const)
      if (planned.kind === 'later') {
        for (const { message } of deliveries) await bytes.release(message)
        return 'later'
      }
      if (planned.kind === 'planned') deliveries.push(planned.delivery)
      const said = planned.kind === 'planned' ? 'queued' : planned.text
      meter.count('dmarc_reports_total', { outcome: planned.kind === 'planned' ? 'queued' : 'nowhere' })
      const { domain, rows, begin } = report
      log.info('dmarc.report', { domain, day: dayOf(begin * 1000), to: address, rows: rows.length, said })
    }
    return deliveries
  }

  /** What arrived in our own name, others need not tell us. */
  async #keepOwn(report: DmarcReport): Promise<void> {
    const { book, domains, postmaster, clock } = this.#parts
    const isOurs = (await domains.list()).some((domain) => domain === report.domain)
    if (!isOurs) return
    await book().keep({
      kind: 'dmarc',
      domain: report.domain,
      reporter: domainOf(postmaster),
      reportId: report.reportId,
      ends: (report.end + 1) * 1000,
      received: clock.now(),
      body: JSON.stringify(report),
    })
  }
}

function dueAt({ day, domain }: SeenDay): number {
  const share = createHash('sha256').update(domain).digest().readUInt32LE(0) / 2 ** 32
  return Date.parse(`${day}T00:00:00Z`) + dayMs + share * spreadMs
}

function reportOf(
  { day, domain, policy, missed }: SeenDay,
  seen: readonly { readonly facts: string; readonly messages: number }[],
  { postmaster, organization }: Pick<DmarcReporterParts, 'postmaster' | 'organization'>,
): DmarcReport {
  const begin = Date.parse(`${day}T00:00:00Z`) / 1000
  const us = domainOf(postmaster)
  // The same after a crash: whoever gets it twice can tell.
  const id = createHash('sha256').update(`${day} ${domain} ${us}`).digest('hex').slice(0, 32)
  return {
    org: organization,
    email: postmaster,
    reportId: `${id}@${us}`,
    begin,
    end: begin + 86_399,
    errors: missed === 0 ? [] : [`${missed} more messages are not in this report`],
    domain,
    policy: tagsOf(JSON.parse(policy) as PublishedDmarc),
    rows: seen.map(({ facts, messages }) => ({ ...(JSON.parse(facts) as SeenFacts), count: messages })),
  }
}

const tagsOf = (published: PublishedDmarc): DmarcReport['policy'] => ({
  p: published.policy,
  sp: published.subdomainPolicy,
  np: published.absentPolicy,
  adkim: published.strictDkim ? 's' : 'r',
  aspf: published.strictSpf ? 's' : 'r',
  testing: published.testing ? 'y' : 'n',
})
