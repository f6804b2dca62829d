import { type Address, type DomainName, domainOf } from '../../../lib/address.ts'
import { srsForward, srsReverse } from '../../../lib/srs.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { Snapshot } from '../directory/snapshot.ts'

/** Return paths of what is forwarded: without them the next server would see us lie about who sends. */
export class ReturnAddresses {
  readonly #domain: DomainName
  readonly #key: () => Buffer
  readonly #clock: Clock

  constructor(domain: DomainName, key: () => Buffer, clock: Clock) {
    this.#domain = domain
    this.#key = key
    this.#clock = clock
  }

  /**
   * The envelope sender under which a message leaves for `recipient`. Rewritten only where a foreign sender's message goes to a
   * foreign domain; a sender that cannot be rewritten stays. The null reverse-path stays, RFC 5321 §4.5.5.
   */
  leaving(snapshot: Snapshot, sender: Address | undefined, recipient: Address): Address | undefined {
    if (sender === undefined || this.#isOurs(snapshot, domainOf(sender))) return sender
    const to = domainOf(recipient)
    // Who has us pass his mail on trusts us as the sender of it.
    if (this.#isOurs(snapshot, to) || snapshot.relays.has(to)) return sender
    return srsForward(sender, { domain: this.#domain, key: this.#key(), now: this.#clock.now() }) ?? sender
  }

  /** Whom a bounce to one of our rewritten addresses is for. */
  reverse(snapshot: Snapshot, address: Address): Address | undefined {
    if (!/^srs[01]/i.test(address) || !this.#isOurs(snapshot, domainOf(address))) return undefined
    return srsReverse(address, { key: this.#key(), now: this.#clock.now() })
  }

  #isOurs(snapshot: Snapshot, domain: DomainName): boolean {
    return domain === this.#domain || snapshot.mainDomains.has(domain)
  }
}
