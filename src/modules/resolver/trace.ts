import type { DnsAsked, DnsLink, DnsStep } from '../../ports/dns-resolver.ts'

/** Keeps what happened on the way to one answer, for `explain`. */
export class Trace {
  readonly asked: DnsAsked[] = []
  readonly steps: DnsStep[] = []
  readonly #links = new Map<string, DnsLink>()

  link(link: DnsLink): void {
    if (!this.#links.has(link.zone)) this.#links.set(link.zone, link)
  }

  /** From the top down. */
  get links(): readonly DnsLink[] {
    return [...this.#links.values()]
  }
}
