import type { DnsRecord } from '../../lib/dns-record.ts'
import type { DnsOutcome, DnsType } from '../../ports/dns-resolver.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { Network } from './network.ts'

/** What DNS says, for people who check mail: records, none, or that nobody knows now. */
export type Found =
  | { readonly kind: 'records'; readonly records: readonly DnsRecord[] }
  /** `no-name`: the name itself is not there. */
  | { readonly kind: 'none'; readonly why: 'no-name' | 'no-data' }
  | { readonly kind: 'trouble' }

/** More questions than a message with every header full of names needs; what comes after is trouble. */
const mostQuestions = 150

/** The questions that one message is worth: each once, all within one time, and not many. */
export class Lookups {
  readonly #network: Pick<Network, 'patienceMs' | 'resolve'>
  readonly #deadlineMs: number
  readonly #asked = new Map<string, Promise<Found>>()

  constructor(network: Pick<Network, 'patienceMs' | 'resolve'>, clock: Clock) {
    this.#network = network
    this.#deadlineMs = clock.now() + network.patienceMs()
  }

  find(name: string, type: DnsType): Promise<Found> {
    const key = `${type} ${name.toLowerCase()}`
    const known = this.#asked.get(key)
    if (known !== undefined) return known
    const found = this.#asked.size < mostQuestions ? this.#ask(name, type) : Promise.resolve(trouble)
    this.#asked.set(key, found)
    return found
  }

  /** Texts of TXT records, each put together. One character is one octet. */
  async texts(name: string): Promise<readonly string[] | 'none' | 'trouble'> {
    const found = await this.find(name, 'TXT')
    if (found.kind !== 'records') return found.kind
    return found.records.flatMap((record) => (record.type === 'TXT' ? [record.strings.join('')] : []))
  }

  async #ask(name: string, type: DnsType): Promise<Found> {
    if (!isName(name)) return { kind: 'none', why: 'no-name' }
    const outcome = await this.#network.resolve(name, type, this.#deadlineMs)
    return foundOf(outcome)
  }
}

const trouble: Found = { kind: 'trouble' }

function foundOf(outcome: DnsOutcome): Found {
  switch (outcome.kind) {
    case 'records':
      return { kind: 'records', records: outcome.records }
    case 'no-data':
    case 'no-name':
      return { kind: 'none', why: outcome.kind }
    // RFC 8020, RFC 4035 §5.5: what cannot be trusted is as good as not answered.
    case 'bogus':
    case 'later':
      return trouble
  }
}

/** RFC 1035 §2.3.4. Others are asked of nobody: there is no such name. */
function isName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => label.length > 0 && label.length <= 63)
}
