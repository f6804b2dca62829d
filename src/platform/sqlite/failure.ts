/**
 * Why a file cannot do what was asked, as it crosses from the writer thread:
 * `disk-full` passes when there is room again; `damaged` does not, the file takes no more writes; `stopped` is the end of
 * the writer; `failed` is a bug or a broken rule of the schema, with SQLite's code.
 */
export type FailureReason = 'disk-full' | 'damaged' | 'stopped' | 'failed'

export interface FailureReport {
  readonly reason: FailureReason
  readonly code: string
  readonly message: string
  readonly stack: string | undefined
}

export class SqliteFailure extends Error {
  readonly reason: FailureReason
  readonly code: string

  constructor(file: string, report: FailureReport) {
    super(`${file}: ${report.message}`)
    this.name = 'SqliteFailure'
    this.reason = report.reason
    this.code = report.code
    if (report.stack !== undefined) this.stack = report.stack
  }
}

/** The data was written by a later version, or by another program. The process ends with exit code 3. */
export class UnusableFile extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnusableFile'
  }
}

const damage = /^SQLITE_(CORRUPT|NOTADB|IOERR_(SHORT_READ|CORRUPTFS|DATA))/
const noRoom = /^(SQLITE_FULL|SQLITE_IOERR|SQLITE_CANTOPEN|ENOSPC|EDQUOT|EFBIG|EIO)/

export function failureReport(error: unknown): FailureReport {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = error instanceof Error ? error.message : String(error)
  const stack = error instanceof Error ? error.stack : undefined
  return { reason: reasonOf(code), code, message, stack }
}

function reasonOf(code: string): FailureReason {
  if (damage.test(code)) return 'damaged'
  return noRoom.test(code) ? 'disk-full' : 'failed'
}
