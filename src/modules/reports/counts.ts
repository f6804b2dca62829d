import type { Arrival } from '../../ports/intake.ts'
import type { AuthChecks, DmarcEvaluation } from '../../ports/mail-authentication.ts'
import type { DmarcApplied } from '../../ports/mail-reports.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import { domainName } from './arrival.ts'
import type { ReportBook } from './book/book.ts'
import type { SeenCount } from './book/program.ts'
import type { SeenFacts } from './dmarc-report.ts'

interface Parts {
  readonly book: () => ReportBook
  readonly clock: Clock
  readonly log: Log
}

const writeAfterMs = 10_000
/** Between two writes; a flood beyond that is not counted. */
const mostWaiting = 20_000
/** RFC 9990 §3.1.3 has up to 100; nobody looks at more than some. */
const mostSignatures = 5

/** Counts what DMARC says of what arrives, for the reports of the day. Written every ten seconds: a crash loses those. */
export class SeenCounts {
  readonly #parts: Parts
  #waiting = new Map<string, SeenCount & { messages: number }>()
  #writing: Promise<void> | undefined
  readonly #ending = new AbortController()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  count(arrival: Arrival, checks: AuthChecks, applied: DmarcApplied): void {
    const { evaluated, policyDomain: domain } = checks.dmarc
    if (!evaluated?.published.wantsReports) return
    const day = dayOf(arrival.receivedAt)
    const facts = JSON.stringify(factsOf(arrival, checks, evaluated, applied))
    const key = `${day} ${domain} ${facts}`
    const known = this.#waiting.get(key)
    if (known) known.messages++
    else if (this.#waiting.size < mostWaiting) {
      const policy = JSON.stringify(evaluated.published)
      this.#waiting.set(key, { day, domain, policy, facts, messages: 1 })
      this.#writing ??= this.#writeLater()
    }
  }

  async drain(): Promise<void> {
    this.#ending.abort()
    await this.#writing
  }

  async #writeLater(): Promise<void> {
    const { clock, log, book } = this.#parts
    while (this.#waiting.size > 0) {
      await clock.sleep(writeAfterMs, this.#ending.signal)
      const seen = [...this.#waiting.values()]
      this.#waiting = new Map()
      try {
        await book().count(seen)
      } catch (cause) {
        log.error('reports.counts-lost', cause, { messages: seen.length })
      }
    }
    this.#writing = undefined
  }
}

export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10)

function factsOf(
  { client, sender }: Arrival,
  { spf, dkim, dmarc }: AuthChecks,
  { dkim: byDkim, spf: bySpf, published }: DmarcEvaluation,
  applied: DmarcApplied,
): SeenFacts {
  const passed = dmarc.result === 'pass'
  return {
    ip: client.ip,
    // RFC 9990 §3.1.1.9: where nothing was asked for, nothing is said to have been spared.
    disposition: passed && dmarc.policy !== 'none' ? 'pass' : applied,
    dkim: byDkim,
    spf: bySpf,
    // RFC 9990 §3.1.6: whoever does not do what the record asks for says why.
    ...(passed || applied === dmarc.policy
      ? { reason: published.testing && !passed ? 'policy_test_mode' : '', comment: '' }
      : { reason: 'local_policy', comment: 'weighed with everything else that is known of a message' }),
    headerFrom: dmarc.author,
    envelopeFrom: domainName(sender),
    signatures: preferred(dkim, dmarc.author)
      .slice(0, mostSignatures)
      .map(({ domain, selector, result }) => ({ domain, selector, result })),
    spfDomain: spf.domain,
    spfResult: spf.result,
  }
}

/** RFC 9990 §3.1.3: those of the author that pass first, then others that pass. */
function preferred(signatures: AuthChecks['dkim'], author: string): AuthChecks['dkim'] {
  const rank = ({ result, domain }: AuthChecks['dkim'][number]) => {
    if (result !== 'pass') return 3
    if (domain === author) return 0
    return author.endsWith(`.${domain}`) || domain.endsWith(`.${author}`) ? 1 : 2
  }
  return signatures.toSorted((one, other) => rank(one) - rank(other))
}
