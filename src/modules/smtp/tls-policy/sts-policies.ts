import type { OutgoingNotes } from '../../../ports/outgoing-notes.ts'
import type { Log } from '../../../ports/runtime.ts'
import { fetchStsPolicy, type StsFetching } from './sts-fetch.ts'
import { readStsPolicy, type StsPolicy, stsRecordId } from './sts-policy.ts'

export type StsFound =
  | { readonly kind: 'policy'; readonly policy: StsPolicy }
  | { readonly kind: 'none' }
  /** There is a policy, and it cannot be had: nothing is enforced, and a report tells of it. */
  | { readonly kind: 'failed'; readonly type: string; readonly text: string }

interface Parts extends StsFetching {
  readonly notes: Pick<OutgoingNotes, 'get' | 'put'>
  readonly log: Log
}

interface Kept {
  readonly id: string
  readonly fetchedAt: number
  readonly policy: StsPolicy
}

/** RFC 8461 §3.3: not more often while fetching fails. */
const failurePauseMs = 5 * 60_000
/** A policy that is still good is fetched again, so that an attacker who blocks its host has to do so for all its life. */
const refreshMs = 86_400_000
const mostFailures = 10_000
const dnsMs = 20_000

/** The MTA-STS policies of other domains, kept for as long as they say. RFC 8461 §5.1. */
export class StsPolicies {
  readonly #parts: Parts
  readonly #failures = new Map<string, { readonly until: number; readonly found: StsFound }>()
  readonly #running = new Map<string, Promise<StsFound>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Never rejects; two who ask at once hear the same. */
  find(domain: string): Promise<StsFound> {
    const running =
      this.#running.get(domain) ?? this.#find(domain).finally(() => this.#running.delete(domain))
    this.#running.set(domain, running)
    return running
  }

  async #find(domain: string): Promise<StsFound> {
    const { clock } = this.#parts
    const kept = await this.#kept(domain)
    const id = await this.#currentId(domain)
    // RFC 8461 §3.1: a record that is gone, or cannot be asked for, does not end a policy before its time.
    if (id === undefined) return kept ? { kind: 'policy', policy: kept.policy } : { kind: 'none' }
    if (kept?.id === id && clock.now() < kept.fetchedAt + refreshMs)
      return { kind: 'policy', policy: kept.policy }
    const failure = this.#failures.get(domain)
    const fresh = failure && clock.now() < failure.until ? failure.found : await this.#fetch(domain, id)
    return fresh.kind === 'failed' && kept ? { kind: 'policy', policy: kept.policy } : fresh
  }

  async #kept(domain: string): Promise<Kept | undefined> {
    const note = await this.#parts.notes.get('sts', domain)
    return note && (JSON.parse(note.value) as Kept)
  }

  async #currentId(domain: string): Promise<string | undefined> {
    const { dns, clock } = this.#parts
    const outcome = await dns.resolve({
      name: `_mta-sts.${domain}`,
      type: 'TXT',
      deadlineMs: clock.now() + dnsMs,
    })
    if (outcome.kind !== 'records') return undefined
    return stsRecordId(
      outcome.records.flatMap((record) => (record.type === 'TXT' ? [record.strings.join('')] : [])),
    )
  }

  async #fetch(domain: string, id: string): Promise<StsFound> {
    const { clock, notes, log } = this.#parts
    const fetched = await fetchStsPolicy(domain, this.#parts)
    const found = fetched.kind === 'text' ? policyIn(fetched.text) : fetched
    if (found.kind === 'policy') {
      const { policy } = found
      const fetchedAt = clock.now()
      const kept: Kept = { id, fetchedAt, policy }
      await notes.put([
        { kind: 'sts', name: domain, value: JSON.stringify(kept), until: fetchedAt + policy.maxAge * 1000 },
      ])
      this.#failures.delete(domain)
      return found
    }
    const text = found.kind === 'failed' ? found.text : ''
    log.info('outgoing.sts-failed', { domain, text })
    if (this.#failures.size >= mostFailures) this.#failures.clear()
    this.#failures.set(domain, { until: clock.now() + failurePauseMs, found })
    return found
  }
}

function policyIn(text: string): StsFound {
  try {
    return { kind: 'policy', policy: readStsPolicy(text) }
  } catch (cause) {
    // RFC 8460 §4.3.2.2
    return {
      kind: 'failed',
      type: 'sts-policy-invalid',
      text: `The policy cannot be read: ${(cause as Error).message}`,
    }
  }
}
