import type { Reporter, TlsAdvice, TlsFailure, TlsSummary } from '../../../ports/mail-reports.ts'
import type { TlsReport } from '../tls-report.ts'
import { DayTotals } from './day-totals.ts'

interface Failure {
  readonly type: string
  readonly host: string
  sessions: number
  text: string
  readonly reporters: Set<string>
}

const mostFailures = 200

/** What reports say of encryption with the servers of one domain. */
export class TlsTotals {
  readonly #failures = new Map<string, Failure>()
  readonly #policies = new Set<string>()
  readonly #days = new DayTotals()
  #successes = 0
  #failed = 0

  add({ policies, end }: TlsReport, reporter: string): void {
    for (const { type, successes, failed, failures } of policies) {
      if (type !== '') this.#policies.add(type)
      this.#successes += successes
      this.#failed += failed
      this.#days.add(end, successes + failed, failed)
      for (const failure of failures) this.#addFailure(failure, reporter)
    }
  }

  summary(domain: string, reporters: readonly Reporter[]): TlsSummary {
    const failures: readonly TlsFailure[] = [...this.#failures.values()]
      .sort((one, other) => other.sessions - one.sessions)
      .map(({ reporters: who, ...failure }) => ({ ...failure, reporters: [...who] }))
    const policies = [...this.#policies].sort()
    const [sessions, failed] = [this.#successes + this.#failed, this.#failed]
    const next = adviceOn(reporters.length, policies, failures)
    const days = this.#days.list()
    return { domain, days, reporters, sessions, failed, policies, failures, next }
  }

  #addFailure(
    { type, host, count, text }: TlsReport['policies'][number]['failures'][number],
    reporter: string,
  ): void {
    const key = `${type} ${host}`
    const known = this.#failures.get(key)
    if (!known && this.#failures.size >= mostFailures) return
    const failure = known ?? { type, host, sessions: 0, text: '', reporters: new Set<string>() }
    this.#failures.set(key, failure)
    failure.sessions += count
    failure.text ||= text
    failure.reporters.add(reporter)
  }
}

function adviceOn(
  reporters: number,
  policies: readonly string[],
  failures: readonly TlsFailure[],
): readonly TlsAdvice[] {
  if (reporters === 0) return [{ kind: 'ask-for-reports' }]
  const single = failures.slice(0, 5).map(({ type, host }): TlsAdvice => ({ kind: 'failure', type, host }))
  const isUnprotected = policies.every((type) => type === 'no-policy-found')
  if (isUnprotected) return [...single, { kind: 'no-policy' }]
  return single.length > 0 ? single : [{ kind: 'fine' }]
}
