import { randomUUID } from 'node:crypto'
import type { DnsOutcome, DnsResolver, DnsType } from '../../ports/dns-resolver.ts'
import type { Clock, Log } from '../../ports/runtime.ts'

/** What a slow zone may cost a message. A sender waits five minutes and more: RFC 5321 §4.5.3.2.6. */
const patienceMs = 8000
/** Where the last question had no answer, or none was asked yet, mail waits no longer than this. */
const doubtfulPatienceMs = 1000
const failuresUntilDoubt = 3
/** While nothing can be found, one question in a while goes on trying; no message waits for it. */
const scoutEveryMs = 2000
/** And so many questions a second find out what is known; each leaves a search behind that goes on for a while. */
const mostHurried = 20
/** An answer that took no time came from memory: it says nothing of the network. */
const leastMs = 2

const tooMany: DnsOutcome = { kind: 'later', reason: 'unreachable', text: 'DNS does not answer', why: [] }

/**
 * Whether names can be found at all. Without a network each question would end in its time-out, and mail is not to wait for
 * that: then only what is known already is asked for. A single zone that does not answer must not bring this about, or its
 * owner could have all checks left out: before we believe it, a zone that answered before is asked for a name that nobody knows.
 */
export class Network {
  readonly #resolver: DnsResolver
  readonly #clock: Clock
  readonly #log: Log
  #failures = 0
  #proven = false
  #isDown = false
  #answered: string | undefined
  #nextScout = 0
  #second = 0
  #hurried = 0

  constructor(resolver: DnsResolver, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#resolver = resolver
    this.#clock = clock
    this.#log = log
  }

  /** How long the questions of one message may take together. */
  patienceMs(): number {
    if (this.#isDown) return 0
    return this.#proven ? patienceMs : doubtfulPatienceMs
  }

  async resolve(name: string, type: DnsType, deadlineMs: number): Promise<DnsOutcome> {
    const began = this.#clock.now()
    if (this.#isDown) this.#scout(name, type, began)
    if (deadlineMs <= began && !this.#mayHurry(began)) return tooMany
    const outcome = await this.#resolver.resolve({ name, type, deadlineMs })
    if (outcome.kind === 'later') this.#failed(deadlineMs > began)
    else this.#answers(name, this.#clock.now() - began)
    return outcome
  }

  #scout(name: string, type: DnsType, now: number): void {
    if (now < this.#nextScout) return
    this.#nextScout = now + scoutEveryMs
    void this.#resolver.resolve({ name, type, deadlineMs: now + patienceMs }).then((outcome) => {
      if (outcome.kind !== 'later') this.#answers(name, this.#clock.now() - now)
    })
  }

  #mayHurry(now: number): boolean {
    const second = Math.floor(now / 1000)
    this.#hurried = second === this.#second ? this.#hurried + 1 : 1
    this.#second = second
    return this.#hurried <= mostHurried
  }

  #answers(name: string, tookMs: number): void {
    if (tookMs < leastMs) return
    if (this.#isDown) this.#log.info('authentication.names-found-again')
    this.#isDown = false
    this.#failures = 0
    this.#proven = true
    this.#answered = name
  }

  #failed(hadTime: boolean): void {
    if (!hadTime || this.#isDown) return
    this.#proven = false
    this.#failures++
    // Where nothing ever answered, one failure says enough.
    const enough = this.#answered === undefined ? 1 : failuresUntilDoubt
    if (this.#failures === enough) void this.#findOut()
  }

  async #findOut(): Promise<void> {
    if (await this.#answersStill()) {
      this.#failures = 0
      return
    }
    this.#isDown = true
    this.#nextScout = this.#clock.now() + scoutEveryMs
    this.#log.warn('authentication.no-names', {
      text: 'DNS does not answer: mail is taken without SPF, DKIM and DMARC',
    })
  }

  async #answersStill(): Promise<boolean> {
    if (this.#answered === undefined) return false
    const name = `${randomUUID()}.${this.#answered}`
    const deadlineMs = this.#clock.now() + doubtfulPatienceMs
    const outcome = await this.#resolver.resolve({ name, type: 'A', deadlineMs })
    return outcome.kind !== 'later'
  }
}
