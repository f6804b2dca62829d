import type { Address, DomainName } from '../lib/address.ts'

/** What the settings come to, parsed once at start. Each module is given the part it needs. */
export interface MailSettings {
  /** Greeting, Received, URLs: Mailu's first of HOSTNAMES. */
  readonly hostname: string
  readonly domain: DomainName
  readonly postmaster: Address
  readonly messageSizeLimit: number
  /** A set of characters; empty switches sub-addressing off. */
  readonly recipientDelimiter: string
}
