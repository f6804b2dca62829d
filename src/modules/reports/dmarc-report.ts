/** An aggregate report as it is written and read. RFC 9990 §3.1, RFC 7489 appendix C. */
export interface DmarcReport {
  readonly org: string
  readonly email: string
  readonly reportId: string
  /** UTC seconds. */
  readonly begin: number
  readonly end: number
  readonly errors: readonly string[]
  readonly domain: string
  readonly policy: ReportedPolicy
  readonly rows: readonly DmarcRow[]
}

/** Tags of the record, by their names; '' where the report does not say. */
export interface ReportedPolicy {
  readonly p: string
  readonly sp: string
  readonly np: string
  readonly adkim: string
  readonly aspf: string
  readonly testing: string
}

export interface DmarcRow extends SeenFacts {
  readonly count: number
}

/** What messages of one row have in common. */
export interface SeenFacts {
  readonly ip: string
  readonly disposition: string
  readonly dkim: boolean
  readonly spf: boolean
  readonly reason: string
  readonly comment: string
  readonly headerFrom: string
  /** '' is the null reverse-path. */
  readonly envelopeFrom: string
  readonly signatures: readonly ReportedSignature[]
  readonly spfDomain: string
  readonly spfResult: string
}

export interface ReportedSignature {
  readonly domain: string
  readonly selector: string
  readonly result: string
}
