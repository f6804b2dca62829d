import type { DomainName } from '../lib/address.ts'
import type { Arrival } from './intake.ts'
import type { AuthChecks } from './mail-authentication.ts'

/** Sees what arrives, for reports on it. Keeps no mail out: what goes wrong is logged, and the mail goes on. */
export interface ArrivalWitness {
  /** Keeps the report on our own mail that a message brings; true where it did. Asked before the message is filed. */
  read(arrival: Arrival, checks: AuthChecks | undefined): Promise<boolean>
  /** Counts what DMARC says of a message, for the report to the owner of its domain. */
  count(arrival: Arrival, checks: AuthChecks, applied: DmarcApplied): void
}

/** What was done with a message because of what the owner of its domain wants. */
export type DmarcApplied = 'none' | 'quarantine' | 'reject'

/** What others told us about mail in the name of our domains. */
export interface MailReports {
  /** By name of domain. */
  dmarc(question: ReportQuestion): Promise<readonly DmarcSummary[]>
  tls(question: ReportQuestion): Promise<readonly TlsSummary[]>
}

export interface ReportQuestion {
  /** Undefined: all. */
  readonly domain: DomainName | undefined
  /** Reports that end after it, UTC milliseconds. */
  readonly since: number
}

/** Who has told us something. */
export interface Reporter {
  /** Has proven to have sent the reports. */
  readonly domain: string
  /** What it calls itself. */
  readonly name: string
  readonly reports: number
}

/** What was reported of one day (UTC). */
export interface ReportedDay {
  /** `2026-11-21`. */
  readonly day: string
  /** Messages, or connections. */
  readonly count: number
  readonly failed: number
}

export interface DmarcSummary {
  readonly domain: string
  /** The oldest first; days of which nothing was reported are left away. */
  readonly days: readonly ReportedDay[]
  readonly reporters: readonly Reporter[]
  readonly messages: number
  /** Of those, in the name of the domain and proven to be. */
  readonly passed: number
  /** The policy that reporters have seen last. */
  readonly policy: string
  /** The most messages first; those beyond a number are left away. */
  readonly sources: readonly DmarcSource[]
  readonly sourcesLeftAway: number
  readonly next: readonly DmarcAdvice[]
}

/** An address that sends in the name of the domain. */
export interface DmarcSource {
  readonly ip: string
  readonly messages: number
  readonly passed: number
  readonly byDkim: number
  readonly bySpf: number
  readonly quarantined: number
  readonly rejected: number
  /** Domains in From. */
  readonly from: readonly string[]
  /** Domains that have signed, and that vouch for the address, whether they are of the same organisation or not. */
  readonly signedBy: readonly string[]
  readonly vouchedBy: readonly string[]
  readonly reporters: readonly string[]
}

/** What to do next. */
export type DmarcAdvice =
  | { readonly kind: 'ask-for-reports' }
  /** Everything that is signed passes: a stricter policy costs nothing. */
  | { readonly kind: 'be-stricter'; readonly policy: string }
  /** It signs, or is vouched for, as somebody else: a service that we may have charged, or a forwarder. */
  | { readonly kind: 'sign-as-us'; readonly ip: string; readonly as: string; readonly messages: number }
  /** Nobody vouches for it: a machine of ours that does not sign, or a forger. */
  | { readonly kind: 'know-it'; readonly ip: string; readonly messages: number }
  /** It passes for some messages and not for others. */
  | { readonly kind: 'mend'; readonly ip: string; readonly messages: number }
  | { readonly kind: 'fine' }

export interface TlsSummary {
  readonly domain: string
  readonly days: readonly ReportedDay[]
  readonly reporters: readonly Reporter[]
  readonly sessions: number
  readonly failed: number
  /** Kinds of policy that reporters have found: sts, tlsa, no-policy-found. */
  readonly policies: readonly string[]
  /** The most sessions first. */
  readonly failures: readonly TlsFailure[]
  readonly next: readonly TlsAdvice[]
}

export interface TlsFailure {
  /** RFC 8460 §4.3. */
  readonly type: string
  /** Our server that was spoken to; '' where it is not said. */
  readonly host: string
  readonly sessions: number
  readonly reporters: readonly string[]
  readonly text: string
}

export type TlsAdvice =
  | { readonly kind: 'ask-for-reports' }
  | { readonly kind: 'no-policy' }
  | { readonly kind: 'failure'; readonly type: string; readonly host: string }
  | { readonly kind: 'fine' }
