/** A report on encryption as it is read. RFC 8460 §4.4. */
export interface TlsReport {
  readonly org: string
  readonly reportId: string
  /** UTC milliseconds. */
  readonly end: number
  readonly policies: readonly TlsPolicyResult[]
}

export interface TlsPolicyResult {
  readonly domain: string
  readonly type: string
  readonly successes: number
  readonly failed: number
  readonly failures: readonly ReportedTlsFailure[]
}

export interface ReportedTlsFailure {
  readonly type: string
  readonly host: string
  readonly ip: string
  readonly count: number
  readonly text: string
}
