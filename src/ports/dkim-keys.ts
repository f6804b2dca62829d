import type { DomainName } from '../lib/address.ts'
import type { Refusal } from './directory-writer.ts'

/** The keys that sign mail: files `dkim/{domain}.{selector}.key`, mode 0600, PEM. Not in the database, as in Mailu. */
export interface DkimKeys {
  /** Of a domain of ours; an alternative has its main domain's key under its own name. Mailu: rspamd's vault. */
  signing(domain: DomainName): Promise<SigningKey | undefined>
  /** The key of this very domain as PEM (PKCS #8). */
  read(domain: DomainName): Promise<string | undefined>
  /** Takes PEM with or without its first and last line, in any wrapping. `generate` makes a new one, RSA of 2048 bits. */
  put(domain: DomainName, key: { readonly pem: string } | 'generate'): Promise<{ kind: 'kept' } | Refusal>
  remove(domain: DomainName): Promise<void>
}

export interface SigningKey {
  readonly domain: DomainName
  readonly selector: string
  /** PEM, PKCS #8. */
  readonly pem: string
}
