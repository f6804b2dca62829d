import type { DnsOutcome, DnsResolver, DnsType } from '../../ports/dns-resolver.ts'
import type { Clock, Log } from '../../ports/runtime.ts'

/** Until an answer has come from the world, and when the last ones have failed, mail waits no longer than this. */
const unprovenPatienceMs = 1000
/** What a slow zone may cost a message. A sender waits five minutes and more: RFC 5321 §4.5.3.2.6. */
const patienceMs = 8000
const failuresUntilDown = 3
const probeEveryMs = 15_000

/**
 * Whether names can be found at all. Without a network each question would end in its time-out, and mail is not to wait for
 * that: after a few failures in a row nobody waits, and one question in a while tries in the background.
 */
export class Network {
  readonly #resolver: DnsResolver
  readonly #clock: Clock
  readonly #log: Log
  #proven = false
  #failures = 0
  #nextProbe = 0

  constructor(resolver: DnsResolver, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#resolver = resolver
    this.#clock = clock
    this.#log = log
  }

  patienceMs(): number {
    return this.#proven ? patienceMs : unprovenPatienceMs
  }

  isDown(): boolean {
    return this.#failures >= failuresUntilDown
  }

  heard(outcome: DnsOutcome): void {
    if (outcome.kind !== 'later') {
      if (this.isDown()) this.#log.info('authentication.names-found-again')
      this.#failures = 0
      this.#proven = true
      return
    }
    this.#failures++
    if (this.#failures !== failuresUntilDown) return
    this.#proven = false
    this.#nextProbe = this.#clock.now() + probeEveryMs
    this.#log.warn('authentication.no-names', {
      text: 'DNS does not answer: mail is taken without SPF, DKIM and DMARC',
    })
  }

  /** Tries whether it is back; who calls does not wait. */
  probe(name: string, type: DnsType): void {
    const now = this.#clock.now()
    if (now < this.#nextProbe) return
    this.#nextProbe = now + probeEveryMs
    void this.#resolver
      .resolve({ name, type, deadlineMs: now + patienceMs })
      .then((outcome) => this.heard(outcome))
  }
}
