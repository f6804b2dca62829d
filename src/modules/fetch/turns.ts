/** How many visits go on at once: in all, at one host, which is not ours to crowd, and for one person, who is not alone here. */
const mostAtOnce = 8
const mostAtHost = 2
const mostForUser = 4

/** Where to, and for whom. */
interface Errand {
  readonly host: string
  readonly user: string
}

interface Waiting {
  readonly errand: Errand
  readonly go: () => void
}

/** Who waits for a turn gets one in the order of coming, but for hosts and people that have enough of them. */
export class Turns {
  readonly #running = new Set<Errand>()
  #waiting: Waiting[] = []

  async take<T>({ host, user }: Errand, work: () => Promise<T>): Promise<T> {
    const errand = { host: host.toLowerCase(), user }
    if (!this.#isFree(errand)) await new Promise<void>((go) => this.#waiting.push({ errand, go }))
    else this.#running.add(errand)
    try {
      return await work()
    } finally {
      this.#end(errand)
    }
  }

  #isFree({ host, user }: Errand): boolean {
    const running = [...this.#running]
    return (
      running.length < mostAtOnce &&
      running.filter((one) => one.host === host).length < mostAtHost &&
      running.filter((one) => one.user === user).length < mostForUser
    )
  }

  #end(errand: Errand): void {
    this.#running.delete(errand)
    const next = this.#waiting.find((one) => this.#isFree(one.errand))
    if (!next) return
    this.#waiting = this.#waiting.filter((one) => one !== next)
    this.#running.add(next.errand)
    next.go()
  }
}
