import type { Address } from '../../lib/address.ts'
import type { PatienceLimits } from './wire/patience.ts'

export interface SmtpSettings {
  /** Greeting, EHLO, Received, Message-ID. */
  readonly hostname: string
  readonly postmaster: Address
  /** Octets; 0 means no limit. */
  readonly messageSizeLimit: number
  /** Mailu's RELAYNETS: addresses and networks that may send to anybody. */
  readonly trustedNetworks: readonly string[]
  /** Signing in without TLS on 465 and 587; for tests and closed networks. */
  readonly allowPlaintextAuth: boolean
  /** SCRAM knows passwords alone: of no use where only app tokens sign in. */
  readonly offerScram: boolean
  /** Who submits may be led to another server after signing in: nothing is offered that it may not know. */
  readonly mayPassOn?: boolean
  /** Mailu's INBOUND_TLS_ENFORCE: strangers must use STARTTLS on port 25. */
  readonly inboundTlsEnforce: boolean
  /** Refuse strangers on port 25 who speak before the greeting; otherwise they are only noted. */
  readonly refuseEarlyTalkers: boolean
  readonly limits?: Partial<SmtpLimits>
}

export interface SmtpLimits extends PatienceLimits {
  /** RFC 5321 §4.5.3.1.8 asks for 100 at least; Postfix and Mailu take 1,000. */
  readonly recipients: number
  /** Messages in one session. RFC 9422. */
  readonly messages: number
  /** Errors after which each further one is answered late. */
  readonly softErrors: number
  /** Errors after which the session ends; an accepted message clears the account. */
  readonly hardErrors: number
  readonly lateAnswerMs: number
  /** Commands other than MAIL, RCPT and the data between two messages. */
  readonly chores: number
  readonly failedLogins: number
  /** A message header larger than this is refused. */
  readonly headerOctets: number
  /** Received fields of a message that has been going in circles. RFC 5321 §6.3 says at least 100; 50 is Postfix's. */
  readonly hops: number
  /** Octets of BINARYMIME messages held in memory for conversion, all sessions together. */
  readonly binaryOctets: number
}

export const defaultLimits: SmtpLimits = {
  commandMs: 300_000,
  dataSilenceMs: 180_000,
  minOctetsPerSecond: 512,
  recipients: 1000,
  messages: 1000,
  softErrors: 10,
  hardErrors: 20,
  lateAnswerMs: 1000,
  chores: 100,
  failedLogins: 3,
  headerOctets: 1024 * 1024,
  hops: 50,
  binaryOctets: 128 * 1024 * 1024,
}

/** Longest command line without its CRLF: RFC 5321 §4.5.3.1.4 with room for every extension's parameters. */
export const commandLineOctets = 2048
/** RFC 4954 §4: base64 lines of AUTH may be that long. */
export const authLineOctets = 12_288
