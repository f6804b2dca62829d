/** How many connections somebody has open from one place. Dovecot: mail_max_userip_connections. */
export class ConnectionCount {
  readonly #most: number
  readonly #open = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** False where that would be one too many. */
  tryEnter(who: string): boolean {
    const count = this.#open.get(who) ?? 0
    if (count >= this.#most) return false
    this.#open.set(who, count + 1)
    return true
  }

  leave(who: string): void {
    const count = (this.#open.get(who) ?? 1) - 1
    if (count > 0) this.#open.set(who, count)
    else this.#open.delete(who)
  }
}
