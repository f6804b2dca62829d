import type { Address } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { Accepted, Refused, Throttled } from './credentials.ts'
import type { TryLater } from './runtime.ts'

/**
 * What is asked for beside the password at the sign-in of a browser. As soon as somebody has one, his password alone opens no
 * mail program any more: those use app tokens.
 */
export interface SecondFactors {
  list(account: AccountId): Promise<FactorList>
  /** For a code generator (RFC 6238). It is asked for once `turnOnCodes` has seen a code of it. */
  newSecret(address: Address): Promise<CodeSecret>
  turnOnCodes(
    account: AccountId,
    proof: { readonly secret: string; readonly code: string },
  ): Promise<TurnedOn | { readonly kind: 'wrong-code' } | { readonly kind: 'exists' } | TryLater>
  /** Those until now are good no more. */
  newRecoveryCodes(
    account: AccountId,
  ): Promise<
    | { readonly kind: 'made'; readonly recoveryCodes: readonly string[] }
    | { readonly kind: 'missing' }
    | TryLater
  >
  remove(account: AccountId, id: string): Promise<{ readonly kind: 'removed' | 'missing' } | TryLater>
  /** For whoever has lost them. `actor` is as in the audit. */
  removeAll(account: AccountId, actor: string): Promise<{ readonly kind: 'removed' | 'missing' } | TryLater>
  /** A code of the generator or a recovery code, after the password. `over`: the ticket is too old, or of another password. */
  check(attempt: CodeAttempt): Promise<Accepted | Refused | Throttled | { readonly kind: 'over' } | TryLater>
}

export interface CodeAttempt {
  /** Of the password. */
  readonly ticket: string
  readonly code: string
  readonly ip: string
  readonly connection: string
}

interface CodeSecret {
  /** Base 32, to be typed. */
  readonly secret: string
  /** `otpauth://totp/…`, to be scanned. */
  readonly uri: string
}

/** Of the first factor the recovery codes are told, this once; of others there are none to tell. */
export interface TurnedOn {
  readonly kind: 'on'
  readonly recoveryCodes: readonly string[]
}

export interface FactorList {
  readonly codes: FactorRow | undefined
  readonly passkeys: readonly FactorRow[]
  readonly recoveryCodesLeft: number
}

export interface FactorRow {
  readonly id: string
  readonly name: string
  /** UTC milliseconds. */
  readonly createdAt: number
  readonly lastUsedAt: number | undefined
}
