import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Accepted } from '../../../ports/credentials.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { User } from '../directory/rows.ts'

/** What a browser has shown so far, and of which state of the account. */
export interface Proven {
  readonly account: AccountId
  readonly version: number
  /** `all` where nothing more is asked for. */
  readonly shown: 'password' | 'all'
  readonly by: Accepted['with']
  /** When; 0 where it is not known. */
  readonly provedAt: number
}

const goodMs = 10 * 60_000

/** Signed, so that one process may check the password and another begin the session. */
export class Tickets {
  readonly #key: () => Buffer
  readonly #clock: Clock

  constructor(key: () => Buffer, clock: Clock) {
    this.#key = key
    this.#clock = clock
  }

  issue(
    { account, signInVersion }: User,
    { shown, by, provedAt = this.#clock.now() }: Pick<Proven, 'shown' | 'by'> & Partial<Proven>,
  ): string {
    const until = this.#clock.now() + goodMs
    const text = [account, signInVersion, shown, until, by, provedAt].join('.')
    return `${text}.${this.#sign(text).toString('base64url')}`
  }

  read(ticket: string): Proven | undefined {
    const { text = '', signature = '' } =
      /^(?<text>.{1,100})\.(?<signature>[\w-]{43})$/.exec(ticket)?.groups ?? {}
    const given = Buffer.from(signature, 'base64url')
    if (given.length !== 32 || !timingSafeEqual(given, this.#sign(text))) return undefined
    const [account, version, shown, until, by, provedAt] = text.split('.')
    if (by === undefined || Number(until) <= this.#clock.now()) return undefined
    return {
      account: Number(account) as AccountId,
      version: Number(version),
      shown: shown === 'all' ? 'all' : 'password',
      by: by as Accepted['with'],
      provedAt: Number(provedAt),
    }
  }

  #sign(text: string): Buffer {
    return createHmac('sha256', this.#key()).update(text).digest()
  }
}
