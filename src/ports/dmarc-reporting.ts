import type { Address, DomainName } from '../lib/address.ts'

/** Where the owner of a domain wants reports on its mail. RFC 9990 §4. */
export interface DmarcReporting {
  destinations(policyDomain: DomainName): Promise<ReportDestinations>
}

export type ReportDestinations =
  | {
      readonly kind: 'known'
      /** In the order of the record, each once; empty where nobody wants any. */
      readonly to: readonly ReportDestination[]
      /** Addresses of the record that get none, and why: for the log. */
      readonly refused: readonly { readonly address: string; readonly why: string }[]
    }
  /** DNS does not answer now. */
  | { readonly kind: 'later' }

export interface ReportDestination {
  readonly address: Address
  /** Octets of the message; undefined: any. RFC 7489 §6.3. */
  readonly mostOctets: number | undefined
}
