import type { OutgoingNotes } from '../../../ports/outgoing-notes.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { PolicyFound } from '../tls-policy/tls-need.ts'

/** What came of one connection. */
export interface TlsResult {
  /** Whose report it stands in. */
  readonly domain: string
  readonly policy: PolicyFound
  readonly host: string
  readonly ip: string | undefined
  /** Undefined: TLS was there, as safe as the policy wants it. */
  readonly trouble: { readonly type: string; readonly text: string } | undefined
}

/** One policy of one domain on one day, as it is kept. RFC 8460 §4. */
export interface DayResults {
  readonly policy: PolicyFound
  successes: number
  readonly failures: FailureCount[]
}

interface FailureCount {
  readonly type: string
  readonly host: string
  readonly ip: string | undefined
  readonly text: string
  count: number
}

const dayMs = 86_400_000
const writeAfterMs = 60_000
/** Two weeks of days that could not be reported. */
const keptMs = 14 * dayMs
const mostFailures = 50
const mostDomains = 10_000

export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10)

interface Parts {
  readonly notes: Pick<OutgoingNotes, 'get' | 'put'>
  readonly clock: Clock
  readonly log: Log
}

/** Counts what TLS came to, for the reports of the day. Written down once a minute: a crash loses some counts. */
export class TlsResults {
  readonly #parts: Parts
  /** By `day domain`. */
  #counted = new Map<string, DayResults[]>()
  #writing: Promise<void> | undefined
  readonly #ending = new AbortController()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  note({ domain, policy, host, ip, trouble }: TlsResult): void {
    const name = `${dayOf(this.#parts.clock.now())} ${domain}`
    if (!this.#counted.has(name) && this.#counted.size >= mostDomains) return
    const days = this.#counted.get(name) ?? []
    this.#counted.set(name, days)
    const day = resultsOf(days, policy)
    if (trouble) addFailure(day, { ...trouble, host, ip, count: 1 })
    else day.successes++
    this.#writing ??= this.#writeLater()
  }

  async drain(): Promise<void> {
    this.#ending.abort()
    await this.#writing
  }

  async #writeLater(): Promise<void> {
    await this.#parts.clock.sleep(writeAfterMs, this.#ending.signal)
    try {
      await this.#write()
    } catch (cause) {
      this.#parts.log.error('outgoing.tls-results-lost', cause)
    } finally {
      this.#writing = undefined
    }
  }

  /** What was counted goes to what is kept already. */
  async #write(): Promise<void> {
    const counted = this.#counted
    this.#counted = new Map()
    const { notes, clock, log } = this.#parts
    const until = clock.now() + keptMs
    for (const [name, days] of counted) {
      const known = await notes.get('tls', name)
      const kept = known ? (JSON.parse(known.value) as DayResults[]) : []
      for (const day of days) {
        const into = resultsOf(kept, day.policy)
        into.successes += day.successes
        for (const failure of day.failures) addFailure(into, failure)
      }
      const answer = await notes.put([{ kind: 'tls', name, value: JSON.stringify(kept), until }])
      if (answer.kind === 'later') log.warn('outgoing.tls-results-lost', { name, text: answer.text })
    }
  }
}

function resultsOf(days: DayResults[], policy: PolicyFound): DayResults {
  const key = JSON.stringify(policy)
  const known = days.find((day) => JSON.stringify(day.policy) === key)
  if (known) return known
  const made: DayResults = { policy, successes: 0, failures: [] }
  days.push(made)
  return made
}

function addFailure({ failures }: DayResults, failure: FailureCount): void {
  const known = failures.find(
    ({ type, host, ip }) => type === failure.type && host === failure.host && ip === failure.ip,
  )
  if (known) known.count += failure.count
  else if (failures.length < mostFailures) failures.push({ ...failure })
}
