import { availableParallelism } from 'node:os'
import { ErrandThread } from '../../../platform/errand-thread.ts'
import { Lane, type Who } from './lane.ts'
import { preparePassword } from './password.ts'
import { isRightQuickly, loadArgon2, type QuickHash } from './schemes/quick-hash.ts'
import type { SlowCheck, SlowHash } from './schemes/slow-hash.ts'
import { readStoredHash } from './schemes/stored-hash.ts'

/** OWASP's advice for argon2id: 19 MiB, two passes. About 25 ms. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Each takes 19 MiB and a thread for its time. */
const atOnce = Math.max(2, Math.min(4, availableParallelism()))
/** Beyond, whoever signs in is told to come back: seconds of work wait already. After a restart all clients come at once. */
const maxWaiting = 128
/** Of those that take a second each. */
const maxSlowWaiting = 16

/** `unusable`: nobody can say, because the stored hash is of no scheme known here or would take too long. */
export type Checked = 'right' | 'wrong' | 'busy' | 'unusable'

/** Makes and checks password hashes, a few at a time. */
export class PasswordHasher {
  readonly #lane = new Lane({ atOnce, maxWaiting })
  readonly #slowLane = new Lane({ atOnce: 1, maxWaiting: maxSlowWaiting })
  readonly #slow = new ErrandThread<SlowCheck, boolean>(
    new URL('./schemes/slow-hash.worker.ts', import.meta.url),
    'slow-hashes',
  )
  #dummy: Promise<string> | undefined

  /** Of a password as somebody chose it. */
  async hashNew(password: string): Promise<string> {
    return this.hash(preparePassword(password) ?? password)
  }

  /** Of a prepared password. Waits for its turn, however long: nobody unknown can ask for it. */
  async hash(password: string): Promise<string> {
    const { argon2id, hash } = await loadArgon2()
    return this.#lane.run(() => hash(password, { ...cost, type: argon2id }))
  }

  /**
   * Right where one of the passwords is. Without a hash (nobody has that name), or with one that cannot be used, it takes the
   * time of any other and is not. Those known go ahead of strangers.
   */
  async check(
    stored: string | undefined,
    passwords: readonly string[],
    who: Who = 'stranger',
  ): Promise<Checked> {
    const hash = stored === undefined ? undefined : readStoredHash(stored)
    if (hash === undefined || hash.kind === 'unusable') {
      const dummy: QuickHash = { kind: 'argon2', text: await this.#dummyHash() }
      const checked = await checkIn(this.#lane, who, () => isRightQuickly(dummy, passwords))
      if (checked === 'busy') return checked
      return hash === undefined ? 'wrong' : 'unusable'
    }
    return isQuick(hash)
      ? checkIn(this.#lane, who, () => isRightQuickly(hash, passwords))
      : checkIn(this.#slowLane, who, () => this.#slow.run({ hash, passwords }))
  }

  /** True where it was made with another scheme or other costs than today's. */
  async isOutdated(stored: string): Promise<boolean> {
    if (!stored.startsWith('$argon2id$')) return true
    const { needsRehash } = await loadArgon2()
    return needsRehash(stored, cost)
  }

  #dummyHash(): Promise<string> {
    this.#dummy ??= this.hash('nobody has this password')
    return this.#dummy
  }
}

async function checkIn(lane: Lane, who: Who, isRight: () => Promise<boolean>) {
  if (lane.isFull(who)) return 'busy'
  return (await lane.run(isRight, who)) ? 'right' : 'wrong'
}

const quick: ReadonlySet<string> = new Set<QuickHash['kind']>(['argon2', 'pbkdf2', 'salted-digest'])
const isQuick = (hash: QuickHash | SlowHash): hash is QuickHash => quick.has(hash.kind)
