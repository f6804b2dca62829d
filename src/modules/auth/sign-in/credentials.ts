import { createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { type Address, domainOf, localPartOf, parseAddress } from '../../../lib/address.ts'
import type { CredentialVerifier, LoginAttempt, LoginVerdict } from '../../../ports/credentials.ts'
import type { Clock, Log, Meter } from '../../../ports/runtime.ts'
import type { Directory } from '../directory/directory.ts'
import type { User } from '../directory/rows.ts'
import type { Snapshot } from '../directory/snapshot.ts'
import type { Checked, PasswordHasher } from './hasher.ts'
import { preparePassword } from './password.ts'
import type { SignInThrottle } from './throttle.ts'

const rememberedSignIns = 5_000
const rememberedMs = 10 * 60_000
const busyRetrySeconds = 5
/** Names that no address can be are cut for the log and for counting. */
const maxLoginLength = 254

interface Parts {
  readonly directory: Directory
  readonly hasher: PasswordHasher
  readonly throttle: SignInThrottle
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/**
 * Says who somebody is. What differs between refusals (no such name, wrong password, switched off) is in the log alone;
 * outside they read and cost the same.
 */
export class Credentials implements CredentialVerifier {
  readonly #parts: Parts
  readonly #key = randomBytes(32)
  /** Keyed hash of name and password, to the stored hash that they were right for and when. */
  readonly #good = new LRUCache<string, { readonly hash: string; readonly until: number }>({
    max: rememberedSignIns,
  })
  /** Checks under way: a client that opens five connections costs one hash. */
  readonly #checking = new Map<string, Promise<Checked>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async verify(attempt: LoginAttempt): Promise<LoginVerdict> {
    const verdict = await this.#decide(attempt)
    this.#parts.meter.count('sign_ins_total', { service: attempt.service, outcome: verdict.kind })
    return verdict
  }

  async #decide(attempt: LoginAttempt): Promise<LoginVerdict> {
    const { throttle, directory } = this.#parts
    if (attempt.login === '') {
      throttle.strike(attempt.ip)
      return this.#refused(attempt, 'unknown')
    }
    const snapshot = await directory.snapshot()
    const address = loginAddress(snapshot, attempt.login)
    const name = address ?? attempt.login.toLowerCase().slice(0, maxLoginLength)
    const locked = throttle.lockOn(attempt.ip, name)
    if (locked) return this.#throttled(attempt, locked.by, locked.retryAfterSeconds)
    const user = address && snapshot.users.get(address)
    const checked = await this.#check(user, name, attempt.password)
    if (checked === 'busy') return this.#throttled(attempt, 'load', busyRetrySeconds)
    if (checked === 'wrong' || !user) {
      throttle.failed(attempt.ip, name, attempt.password)
      return this.#refused(attempt, user ? 'wrong-secret' : 'unknown')
    }
    return this.#admit(user, attempt)
  }

  /** The password was right. */
  #admit(user: User, attempt: LoginAttempt): LoginVerdict {
    const { service, ip } = attempt
    if (!user.enabled) return this.#refused(attempt, 'disabled')
    if ((service === 'imap' && !user.enableImap) || (service === 'pop3' && !user.enablePop)) {
      return this.#refused(attempt, 'protocol-off')
    }
    this.#parts.throttle.succeeded(ip)
    this.#parts.log.info('sign-in.accepted', { ...logFields(attempt), account: user.account })
    return { kind: 'accepted', account: user.account, address: user.address, with: 'password' }
  }

  async #check(user: User | undefined, name: string, given: string): Promise<Checked> {
    const password = preparePassword(given) ?? ''
    const key = createHmac('sha256', this.#key).update(`${name}\0${password}`).digest('base64')
    const known = this.#good.get(key)
    if (user && known?.hash === user.passwordHash && known.until > this.#parts.clock.now()) return 'right'
    const running = this.#checking.get(key)
    if (running !== undefined) return running
    const checking = this.#hashAndRemember(user, password, key)
    this.#checking.set(key, checking)
    try {
      return await checking
    } finally {
      this.#checking.delete(key)
    }
  }

  // An empty password is nobody's and costs as much as any other.
  async #hashAndRemember(user: User | undefined, password: string, key: string): Promise<Checked> {
    const { hasher, clock } = this.#parts
    const checked = await hasher.check(password === '' ? undefined : user?.passwordHash, [password])
    if (checked !== 'right' || !user) return checked
    this.#good.set(key, { hash: user.passwordHash, until: clock.now() + rememberedMs })
    if (await hasher.isOutdated(user.passwordHash)) await this.#upgrade(user, password)
    return checked
  }

  async #upgrade(user: User, password: string): Promise<void> {
    const { hasher, directory, log } = this.#parts
    try {
      const hash = await hasher.hash(password)
      await directory.write((rows) => rows.replaceHash(user.account, user.passwordHash, hash))
    } catch (error) {
      // The sign-in stands; the next one tries again.
      log.error('sign-in.hash-not-upgraded', error, { account: user.account })
    }
  }

  #refused(attempt: LoginAttempt, reason: Refusal['reason']): Refusal {
    this.#parts.log.warn('sign-in.refused', { ...logFields(attempt), reason })
    return { kind: 'refused', reason }
  }

  #throttled(
    attempt: LoginAttempt,
    by: 'network' | 'account' | 'load',
    retryAfterSeconds: number,
  ): LoginVerdict {
    this.#parts.log.warn('sign-in.throttled', { ...logFields(attempt), by, retryAfterSeconds })
    return { kind: 'throttled', retryAfterSeconds }
  }
}

type Refusal = Extract<LoginVerdict, { kind: 'refused' }>

function logFields({ login, service, ip, connection }: LoginAttempt) {
  return { login: login.slice(0, maxLoginLength), service, ip, connection }
}

/** The address that a login means: with an alternative domain, the user's own. */
function loginAddress(snapshot: Snapshot, login: string): Address | undefined {
  const address = parseAddress(login.trim())
  if (!address) return undefined
  const main = snapshot.mainDomains.get(domainOf(address))
  return main === undefined ? address : (`${localPartOf(address)}@${main}` as Address)
}
