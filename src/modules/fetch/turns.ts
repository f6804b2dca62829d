/** How many visits go on at once: in all, and at one host, which is not ours to crowd. */
const mostAtOnce = 8
const mostAtHost = 2

interface Waiting {
  readonly host: string
  readonly go: () => void
}

/** Who waits for a turn gets one in the order of coming, but for hosts that have enough of us. */
export class Turns {
  readonly #running = new Map<string, number>()
  #count = 0
  #waiting: Waiting[] = []

  async take<T>(host: string, work: () => Promise<T>): Promise<T> {
    if (!this.#isFree(host)) await new Promise<void>((go) => this.#waiting.push({ host, go }))
    else this.#begin(host)
    try {
      return await work()
    } finally {
      this.#end(host)
    }
  }

  #isFree(host: string): boolean {
    return this.#count < mostAtOnce && (this.#running.get(host) ?? 0) < mostAtHost
  }

  #begin(host: string): void {
    this.#count++
    this.#running.set(host, (this.#running.get(host) ?? 0) + 1)
  }

  #end(host: string): void {
    this.#count--
    const left = (this.#running.get(host) ?? 1) - 1
    if (left === 0) this.#running.delete(host)
    else this.#running.set(host, left)
    const next = this.#waiting.find((one) => this.#isFree(one.host))
    if (!next) return
    this.#waiting = this.#waiting.filter((one) => one !== next)
    this.#begin(next.host)
    next.go()
  }
}
