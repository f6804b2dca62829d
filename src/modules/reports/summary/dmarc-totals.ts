import type { DmarcAdvice, DmarcSource, DmarcSummary, Reporter } from '../../../ports/mail-reports.ts'
import type { DmarcReport, DmarcRow } from '../dmarc-report.ts'
import { DayTotals } from './day-totals.ts'

interface Source {
  readonly ip: string
  messages: number
  passed: number
  byDkim: number
  bySpf: number
  quarantined: number
  rejected: number
  readonly from: Set<string>
  readonly signedBy: Set<string>
  readonly vouchedBy: Set<string>
  readonly reporters: Set<string>
}

const mostSources = 10_000
const mostShown = 200
/** Of each, names that a source goes by. */
const mostNames = 10
const mostAdvice = 10
/** Fewer prove nothing. */
const enoughMessages = 20

/** What reports say of one domain. */
export class DmarcTotals {
  readonly #sources = new Map<string, Source>()
  readonly #days = new DayTotals()
  #messages = 0
  #passed = 0
  #policy = { p: '', end: 0 }

  add({ rows, policy, end }: DmarcReport, reporter: string): void {
    if (end > this.#policy.end) this.#policy = { p: policy.p, end }
    for (const row of rows) {
      this.#messages += row.count
      const failed = row.dkim || row.spf ? 0 : row.count
      this.#passed += row.count - failed
      this.#days.add(end * 1000, row.count, failed)
      this.#addTo(this.#source(row.ip), row, reporter)
    }
  }

  summary(domain: string, reporters: readonly Reporter[]): DmarcSummary {
    const all = [...this.#sources.values()].sort((one, other) => other.messages - one.messages)
    const sources = all.slice(0, mostShown).map(toSource)
    const [messages, passed, policy] = [this.#messages, this.#passed, this.#policy.p]
    const next = adviceOn({ domain, sources, messages, policy, reporters: reporters.length })
    const sourcesLeftAway = all.length - sources.length
    const days = this.#days.list()
    return { domain, days, reporters, messages, passed, policy, sources, sourcesLeftAway, next }
  }

  #source(ip: string): Source {
    const known =
      this.#sources.get(ip) ?? (this.#sources.size < mostSources ? undefined : this.#sources.get(''))
    if (known) return known
    const made = {
      ip: this.#sources.size < mostSources ? ip : '',
      messages: 0,
      passed: 0,
      byDkim: 0,
      bySpf: 0,
      quarantined: 0,
      rejected: 0,
      from: new Set<string>(),
      signedBy: new Set<string>(),
      vouchedBy: new Set<string>(),
      reporters: new Set<string>(),
    }
    this.#sources.set(made.ip, made)
    return made
  }

  #addTo(source: Source, row: DmarcRow, reporter: string): void {
    const { count, dkim, spf, disposition } = row
    source.messages += count
    if (dkim || spf) source.passed += count
    if (dkim) source.byDkim += count
    if (spf) source.bySpf += count
    if (disposition === 'quarantine') source.quarantined += count
    if (disposition === 'reject') source.rejected += count
    note(source.from, row.headerFrom)
    note(source.reporters, reporter)
    for (const { domain, result } of row.signatures) if (result === 'pass') note(source.signedBy, domain)
    if (row.spfResult === 'pass') note(source.vouchedBy, row.spfDomain)
  }
}

function note(names: Set<string>, name: string): void {
  if (name !== '' && names.size < mostNames) names.add(name)
}

const toSource = ({ from, signedBy, vouchedBy, reporters, ...source }: Source): DmarcSource => ({
  ...source,
  from: [...from],
  signedBy: [...signedBy],
  vouchedBy: [...vouchedBy],
  reporters: [...reporters],
})

interface Findings {
  readonly domain: string
  readonly sources: readonly DmarcSource[]
  readonly messages: number
  readonly policy: string
  readonly reporters: number
}

/** What a person who knows DMARC would say. */
function adviceOn({ domain, sources, messages, policy, reporters }: Findings): readonly DmarcAdvice[] {
  if (reporters === 0) return [{ kind: 'ask-for-reports' }]
  const failing = sources.filter((source) => source.passed < source.messages)
  const single = failing.map((source) => adviceOnSource(domain, source)).slice(0, mostAdvice)
  const isClean = !single.some(({ kind }) => kind === 'mend' || kind === 'sign-as-us')
  if (isClean && messages >= enoughMessages && (policy === 'none' || policy === 'quarantine'))
    return [{ kind: 'be-stricter', policy: policy === 'none' ? 'quarantine' : 'reject' }, ...single]
  return single.length > 0 ? single : [{ kind: 'fine' }]
}

function adviceOnSource(
  domain: string,
  { ip, messages, passed, signedBy, vouchedBy }: DmarcSource,
): DmarcAdvice {
  const failed = messages - passed
  if (passed > 0) return { kind: 'mend', ip, messages: failed }
  const as = [...signedBy, ...vouchedBy].find((name) => name !== domain)
  return as === undefined ? { kind: 'know-it', ip, messages } : { kind: 'sign-as-us', ip, as, messages }
}
