import { availableParallelism } from 'node:os'
import type * as Argon2 from 'argon2'
import { preparePassword } from './password.ts'

/** OWASP's advice for argon2id: 19 MiB, two passes. About 25 ms. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Each takes 19 MiB and a thread for its time. */
const atOnce = Math.max(2, Math.min(4, availableParallelism()))
/** Beyond, whoever signs in is told to come back: seconds of work wait already. After a restart all clients come at once. */
const maxWaiting = 128

export type Checked = 'right' | 'wrong' | 'busy'

/** Makes and checks password hashes, a few at a time. */
export class PasswordHasher {
  readonly #waiting: (() => void)[] = []
  #running = 0
  #dummy: Promise<string> | undefined

  /** Of a password as somebody chose it. */
  async hashNew(password: string): Promise<string> {
    return this.hash(preparePassword(password) ?? password)
  }

  /** Of a prepared password. Waits for its turn, however long: nobody unknown can ask for it. */
  async hash(password: string): Promise<string> {
    const { argon2id, hash } = await loadArgon2()
    return this.#inTurn(() => hash(password, { ...cost, type: argon2id }))
  }

  /** Without a hash (nobody has that name) it takes the same time and is wrong. */
  async check(hash: string | undefined, password: string): Promise<Checked> {
    const known = hash?.startsWith('$argon2') ? hash : undefined
    const against = known ?? (await this.#dummyHash())
    const { verify } = await loadArgon2()
    if (this.#waiting.length >= maxWaiting) return 'busy'
    const right = await this.#inTurn(() => verify(against, password))
    return right && known !== undefined ? 'right' : 'wrong'
  }

  /** True where it was made with other costs than today's. */
  async isOutdated(hash: string): Promise<boolean> {
    const { needsRehash } = await loadArgon2()
    return needsRehash(hash, cost)
  }

  #dummyHash(): Promise<string> {
    this.#dummy ??= this.hash('nobody has this password')
    return this.#dummy
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await work()
    } finally {
      // Handed on without going down, so that nobody gets in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}

// On first use: a server nobody signs in to does not need it.
async function loadArgon2(): Promise<typeof Argon2> {
  return await import('argon2')
}
