import type { DomainName } from '../lib/address.ts'
import type { Refusal } from './directory-writer.ts'

/**
 * The keys that sign mail: files as Mailu has them, `dkim/{domain}.{selector}.key`, mode 0600, PEM. Not in the database. Those
 * that are prepared or retired bear `.next` or `.old` behind that name.
 */
export interface DkimKeys {
  /** Those that sign now, RSA first; an alternative has its main domain's under its own name. Mailu: rspamd's vault. */
  signing(domain: DomainName): Promise<readonly SigningKey[]>
  /** Every key of a domain of ours, in the order in which they sign. */
  all(domain: DomainName): Promise<readonly StagedKey[]>
  /** The key of this very domain that signs now as PEM (PKCS #8), RSA where there is one. */
  read(domain: DomainName): Promise<string | undefined>
  /** Signs at once, in the place of those of its kind. PEM with or without its first and last line, in any wrapping; `generate` makes RSA of 2048 bits and Ed25519. */
  put(domain: DomainName, key: { readonly pem: string } | 'generate'): Promise<{ kind: 'kept' } | Refusal>
  /** Makes the keys that will sign next, under new selectors, for their records to be published. Those there already stay. */
  prepare(domain: DomainName): Promise<readonly StagedKey[]>
  /** The prepared ones sign from now on, and those that signed are retired: their records have to stay for a while. */
  advance(domain: DomainName): Promise<{ kind: 'kept' } | Refusal>
  /** Deletes retired keys: what they signed has arrived. Answers their selectors. */
  forget(domain: DomainName): Promise<readonly string[]>
  remove(domain: DomainName): Promise<void>
}

export interface SigningKey {
  readonly domain: DomainName
  readonly selector: string
  /** PEM, PKCS #8. */
  readonly pem: string
}

export interface StagedKey extends SigningKey {
  readonly stage: 'next' | 'signing' | 'retired'
  /** UTC milliseconds: when it got there. */
  readonly since: number
}
