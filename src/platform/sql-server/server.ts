/** A database server: PostgreSQL, MySQL or MariaDB. Statements come as SQLite's dialect spells them, parameters as `?`. */
export interface SqlServer {
  readonly flavor: 'postgresql' | 'mysql'
  /** A connection for one borrower alone. Rejects with `SqlServerFailure`, as everything here. */
  borrow(): Promise<SqlConnection>
  end(): Promise<void>
}

export interface SqlConnection {
  /** Rows as arrays of their columns; numbers as numbers. */
  query(sql: string, params: readonly unknown[]): Promise<unknown[][]>
  giveBack(): void
  /** Not to be used again: nobody knows in which state it is. */
  discard(): void
}

/** Where it is, and who we are there. */
export interface SqlServerPlace {
  readonly flavor: SqlServer['flavor']
  readonly host: string
  readonly port: number | undefined
  readonly database: string
  readonly user: string
  readonly password: string
  /** `verify` checks the certificate, `trust` takes any. */
  readonly tls: 'none' | 'trust' | 'verify'
}

/** `away` passes: the server is not there, goes down, or has no room. `taken` is a broken uniqueness. `failed` is a bug. */
export type SqlServerReason = 'away' | 'taken' | 'failed'

export class SqlServerFailure extends Error {
  readonly reason: SqlServerReason

  constructor(reason: SqlServerReason, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'SqlServerFailure'
    this.reason = reason
  }
}

/** How long to wait for a connection, and for an answer. */
export const connectMs = 5_000
export const answerMs = 15_000
/** Connections kept; nobody holds one for long. */
export const connections = 4

// What Node says when the way to a server is cut.
const cut =
  /^(E(CONN|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN|HOSTDOWN|ADDRNOTAVAIL)|ERR_(STREAM|SOCKET))/

/** `codes` are the server's own. Without any code it is a driver's "connection terminated", "timeout". */
export function failureOf(error: unknown, codes: { away: RegExp; taken: RegExp }): SqlServerFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (codes.taken.test(code)) return new SqlServerFailure('taken', error)
  const isAway = cut.test(code) || codes.away.test(code) || (code === '' && isNoBug(error))
  return new SqlServerFailure(isAway ? 'away' : 'failed', error)
}

function isNoBug(error: unknown): boolean {
  // Both addresses of a name refused.
  if (error instanceof AggregateError) return true
  return error instanceof Error && /terminat|time(d )?out|closed|ended|lost/i.test(error.message)
}
