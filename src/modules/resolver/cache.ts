import { LRUCache } from 'lru-cache'
import type { DnsRecord } from '../../lib/dns-record.ts'
import type { DnsOutcome, DnsReason, DnsSecurity } from '../../ports/dns-resolver.ts'
import type { RrSet } from './rr-set.ts'
import { isUnder, type Name, parentOf, root } from './wire/name.ts'

/** What is known about one name and type. Never changes. */
export interface Finding {
  readonly name: Name
  readonly type: number
  readonly found: 'records' | 'alias' | 'no-data' | 'no-name'
  readonly set: RrSet | undefined
  readonly target: Name | undefined
  readonly authority: readonly RrSet[]
  readonly security: DnsSecurity | 'bogus'
  readonly why: readonly DnsReason[]
  readonly signer: Name | undefined
  /** UTC milliseconds. */
  readonly freshUntil: number
  /** Seconds it was fresh for at first. */
  readonly ttl: number
  /** Taken apart when somebody first asks. */
  typed?: readonly DnsRecord[]
  outcome?: DnsOutcome
}

/** Bounded by octets. Keeps what is no longer fresh for as long as it may serve in need: RFC 8767. */
export class Cache {
  readonly #findings: LRUCache<string, Finding>
  readonly #staleMs: number

  constructor(options: { readonly maxBytes: number; readonly staleMs: number }) {
    this.#staleMs = options.staleMs
    this.#findings = new LRUCache({
      maxSize: options.maxBytes,
      maxEntrySize: Math.max(1, Math.floor(options.maxBytes / 16)),
      sizeCalculation: sizeOf,
    })
  }

  get(name: Name, type: number): Finding | undefined {
    return this.#findings.get(`${type} ${name}`)
  }

  /** Still good enough when nobody answers. A broken answer never is. */
  mayServeStale({ freshUntil, security }: Finding, now: number): boolean {
    return security !== 'bogus' && now < freshUntil + this.#staleMs
  }

  set(finding: Finding): void {
    const { name, type } = finding
    this.#findings.set(`${type} ${name}`, finding)
    if (finding.found === 'no-name' && finding.security === 'secure')
      this.#findings.set(`${nothing} ${name}`, finding)
  }

  /** RFC 8020: where a name is proven not to be, nothing is below it. */
  nothingAbove(name: Name, now: number): Finding | undefined {
    for (let above = name; above !== root; above = parentOf(above)) {
      const finding = this.#findings.get(`${nothing} ${above}`)
      if (finding && now < finding.freshUntil && (above === name || isUnder(name, above))) return finding
    }
    return undefined
  }

  get bytes(): number {
    return this.#findings.calculatedSize
  }
}

/** No type has this number. */
const nothing = -1

function sizeOf({ name, set, authority }: Finding): number {
  const sets = set ? [set, ...authority] : authority
  return sets.reduce((sum, each) => sum + sizeOfSet(each), 300 + name.length * 2)
}

function sizeOfSet({ name, data, signatures }: RrSet): number {
  const octets = data.reduce((sum, each) => sum + each.length + 100, 0)
  return signatures.reduce((sum, each) => sum + each.data.length + 300, octets + 200 + name.length)
}
