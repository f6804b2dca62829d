import { createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { OldServers } from '../../../ports/old-servers.ts'
import type { Clock, Log, TryLater } from '../../../ports/runtime.ts'
import type { Directory } from '../directory/directory.ts'
import type { User } from '../directory/rows.ts'
import type { Checked, PasswordHasher } from './hasher.ts'
import type { Who } from './lane.ts'
import { passwordForms, preparePassword } from './password.ts'
import { readVerifiers, scramOf } from './scram-verifiers.ts'

const remembered = 5_000
/** Since they were last used: a client that comes every minute costs no hash at all. */
const rememberedMs = 60 * 60_000

interface Parts {
  readonly directory: Directory
  readonly hasher: PasswordHasher
  readonly clock: Clock
  readonly log: Log
}

/** For which stored hash it was found. */
interface Remembered {
  readonly hash: string
  readonly until: number
}

interface Question {
  readonly user: User | undefined
  readonly given: string
  readonly who: Who
  /** Who knows it, where it is not known here yet. */
  readonly ask: Ask | undefined
}

type Ask = () => ReturnType<OldServers['takes']>

/**
 * Checks passwords, and what it has checked it knows for a while: nothing but a keyed digest, and only as long as the stored
 * hash is the same. Whatever was right is stored anew where it is not as we store it today.
 */
export class PasswordChecks {
  readonly #parts: Parts
  readonly #key = randomBytes(32)
  readonly #right = new LRUCache<string, Remembered>({ max: remembered })
  /** A forgotten client that repeats one mistake costs no hash either. A list of its own, which strangers may fill. */
  readonly #wrong = new LRUCache<string, Remembered>({ max: remembered })
  /** Checks under way: a client that opens five connections costs one hash. */
  readonly #checking = new Map<string, Promise<Checked | TryLater>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Without a user it takes as long and is wrong. */
  async check(
    user: User | undefined,
    name: string,
    { given, who, ask }: Omit<Question, 'user'>,
  ): Promise<Checked | TryLater> {
    const key = createHmac('sha256', this.#key).update(`${name}\0${given}`).digest('base64')
    const hash = user?.passwordHash ?? ''
    if (user && this.#knows(this.#right, key, hash)) return 'right'
    if (this.#knows(this.#wrong, key, hash)) return 'wrong'
    const running = this.#checking.get(key)
    if (running !== undefined) return running
    const checking = this.#hash({ user, given, who, ask }, key)
    this.#checking.set(key, checking)
    try {
      return await checking
    } finally {
      this.#checking.delete(key)
    }
  }

  #knows(list: LRUCache<string, Remembered>, key: string, hash: string): boolean {
    const known = list.get(key)
    if (known?.hash !== hash || known.until <= this.#parts.clock.now()) return false
    this.#remember(list, key, hash)
    return true
  }

  #remember(list: LRUCache<string, Remembered>, key: string, hash: string): void {
    list.set(key, { hash, until: this.#parts.clock.now() + rememberedMs })
  }

  // An empty password is nobody's and costs as much as any other.
  async #hash({ user, given, who, ask }: Question, key: string): Promise<Checked | TryLater> {
    const { hasher, log } = this.#parts
    const forms = passwordForms(given)
    if (ask && user && forms.length > 0) return this.#asked(ask, { user, given }, key)
    const checked =
      forms.length === 0
        ? await hasher.check(undefined, [''], who)
        : await hasher.check(user?.passwordHash, forms, who)
    if (checked === 'unusable' && user) log.warn('sign-in.hash-unusable', { account: user.account })
    if (checked === 'wrong') this.#remember(this.#wrong, key, user?.passwordHash ?? '')
    if (checked === 'right' && user) this.#remember(this.#right, key, await this.#refreshed(user, given))
    return checked
  }

  /** What is right there is right here from now on, so that nobody needs a new password. */
  async #asked(
    ask: Ask,
    { user, given }: { readonly user: User; readonly given: string },
    key: string,
  ): Promise<Checked | TryLater> {
    const answer = await ask()
    if (answer.kind === 'later') return answer
    if (answer.kind === 'no') {
      this.#remember(this.#wrong, key, user.passwordHash)
      return 'wrong'
    }
    this.#remember(this.#right, key, await this.#refreshed(user, given))
    this.#parts.log.info('sign-in.password-taken-over', { account: user.account })
    return 'right'
  }

  /**
   * The password is known now: its hash becomes today's, and SCRAM's verifiers are made where there are none. Answers with
   * the hash that is stored then.
   */
  async #refreshed(user: User, given: string): Promise<string> {
    const { hasher, directory, log } = this.#parts
    const password = preparePassword(given) ?? given
    try {
      const isOutdated = await hasher.isOutdated(user.passwordHash)
      const hasVerifiers = readVerifiers(user.scram) !== undefined
      if (!isOutdated && hasVerifiers) return user.passwordHash
      const hash = isOutdated ? await hasher.hash(password) : user.passwordHash
      const scram = hasVerifiers ? user.scram : await scramOf(password)
      await directory.writeFor(user.account, async (rows) => {
        if (isOutdated) await rows.replaceHash(user.account, user.passwordHash, hash)
        await rows.replaceScram(user.account, hash, scram)
      })
      return hash
    } catch (error) {
      // The sign-in stands; the next one tries again.
      log.error('sign-in.hash-not-upgraded', error, { account: user.account })
      return user.passwordHash
    }
  }
}
