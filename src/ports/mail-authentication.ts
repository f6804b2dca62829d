import type { Arrival } from './intake.ts'
import type { ByteRange } from './message.ts'

/** SPF, DKIM, DMARC and ARC of an arriving message. Refuses nothing: who judges reads the report. */
export interface MailAuthenticator {
  authenticate(arrival: Arrival): Promise<AuthReport>
}

export interface AuthReport {
  /** Trace header to add (`Authentication-Results: …`, CRLF-ended); empty where nothing was checked. */
  readonly header: string
  /** Header fields in the message that claim to be ours, in their order: they have to go. RFC 8601 §5. */
  readonly forged?: readonly ByteRange[]
  /** Undefined where nothing was checked: mail of our own people. */
  readonly checks?: AuthChecks
}

/** All domains are A-labels in lower case; `why` is for people. */
export interface AuthChecks {
  readonly spf: SpfCheck
  /** In the order of the header, each by itself. */
  readonly dkim: readonly DkimCheck[]
  readonly dmarc: DmarcCheck
  readonly arc: ArcCheck
  readonly iprev: IprevCheck
  /** Undefined where the author's domain does not stand for its mail: nobody asked for a picture then. */
  readonly bimi?: BimiCheck
}

export interface SpfCheck {
  readonly result: 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror'
  /** Whose record was asked: that of MAIL FROM, or, where that is empty, of the name in HELO. */
  readonly identity: 'mailfrom' | 'helo'
  readonly domain: string
  readonly why: string
  /** What the domain's owner says of a failure, for the sender. */
  readonly explanation: string
}

export interface DkimCheck {
  readonly result: 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror'
  readonly domain: string
  readonly selector: string
  readonly algorithm: string
  readonly why: string
}

interface DmarcCheck {
  readonly result: 'none' | 'pass' | 'fail' | 'temperror' | 'permerror'
  /** What the author's domain wants done with a failure. */
  readonly policy: 'none' | 'quarantine' | 'reject'
  /** Of From; '' where nobody can say. */
  readonly author: string
  /** Whose record it is; '' where there is none. */
  readonly policyDomain: string
  readonly why: string
  /** What a report to the domain's owner says of it; undefined where there is no record. */
  readonly evaluated?: DmarcEvaluation
}

/** RFC 9990 §3.1: what speaks for the author, and the record as it was found. */
export interface DmarcEvaluation {
  readonly dkim: boolean
  readonly spf: boolean
  readonly published: PublishedDmarc
}

export interface PublishedDmarc {
  readonly policy: DmarcWish
  readonly subdomainPolicy: DmarcWish
  readonly absentPolicy: DmarcWish
  readonly strictDkim: boolean
  readonly strictSpf: boolean
  readonly testing: boolean
  /** Somebody is to get reports. */
  readonly wantsReports: boolean
}

type DmarcWish = 'none' | 'quarantine' | 'reject'

interface ArcCheck {
  readonly result: 'none' | 'pass' | 'fail'
  /** Who sealed, in the order of their sealing. Only of `pass` is it proven. */
  readonly sealers: readonly string[]
  readonly why: string
}

export interface IprevCheck {
  /** `permerror`: the address has no name. */
  readonly result: 'pass' | 'fail' | 'temperror' | 'permerror'
  /** The client's name that leads back to its address; '' where there is none. */
  readonly name: string
}

/** Of the record alone: neither picture nor certificate was fetched. */
export interface BimiCheck {
  readonly result: 'pass' | 'none' | 'fail' | 'temperror' | 'declined'
  /** Where the record is: the author's domain, or its organisation's. */
  readonly domain: string
  readonly selector: string
  /** HTTPS URLs of the picture and of its certificate; '' where there is none. */
  readonly indicator: string
  readonly evidence: string
}
