import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { User } from '../directory/rows.ts'

/** What a browser has shown so far, and of which state of the account. */
export interface Proven {
  readonly account: AccountId
  readonly version: number
  /** `all` where nothing more is asked for. */
  readonly shown: 'password' | 'all'
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

  issue({ account, signInVersion }: User, shown: Proven['shown']): string {
    const text = [account, signInVersion, shown, this.#clock.now() + goodMs].join('.')
    return `${text}.${this.#sign(text).toString('base64url')}`
  }

  read(ticket: string): Proven | undefined {
    const { text = '', signature = '' } =
      /^(?<text>.{1,100})\.(?<signature>[\w-]{43})$/.exec(ticket)?.groups ?? {}
    const given = Buffer.from(signature, 'base64url')
    if (given.length !== 32 || !timingSafeEqual(given, this.#sign(text))) return undefined
    const [account, version, shown, until] = text.split('.')
    if (Number(until) <= this.#clock.now()) return undefined
    return {
      account: Number(account) as AccountId,
      version: Number(version),
      shown: shown === 'all' ? 'all' : 'password',
    }
  }

  #sign(text: string): Buffer {
    return createHmac('sha256', this.#key()).update(text).digest()
  }
}
