import type { Address } from '../lib/address.ts'
import type { Said } from '../lib/filled-text.ts'
import type { AccountId } from './accounts.ts'
import type { FetchSettings } from './directory-rows.ts'
import type { TryLater } from './runtime.ts'

/** What is to be collected from other servers, and how it went. Mailu: `/internal/fetch`. */
export interface FetchList {
  /** Of enabled users; those that are not enabled themselves, too. */
  list(): Promise<{ readonly kind: 'list'; readonly fetches: readonly FetchJob[] } | TryLater>
  /** `error` is empty where all went well, `said` the same by its key. Stamps the time; changes nothing that a manager sees as changed. */
  report(
    id: number,
    error: string,
    said?: Said,
  ): Promise<{ readonly kind: 'kept' } | { readonly kind: 'missing' } | TryLater>
}

interface FetchJob extends FetchSettings {
  readonly id: number
  readonly user: Address
  readonly account: AccountId
  /** Undefined where it cannot be read any more, because SECRET_KEY changed: report that it has to be set again. */
  readonly password: string | undefined
  readonly lastCheck: number | undefined
  /** What the last visit found, by its key; undefined where nothing was wrong. */
  readonly said: Said | undefined
  readonly updatedAt: number
}
