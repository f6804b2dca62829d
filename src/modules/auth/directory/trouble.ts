import { SqlServerFailure } from '../../../platform/sql-server/server.ts'
import { SqliteFailure } from '../../../platform/sqlite/failure.ts'
import type { Clock, Log, TryLater } from '../../../ports/runtime.ts'

/** The query builder wraps what a driver throws, and puts the values of the statement into its text: passwords do not belong there. */
export function bare(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof SqliteFailure || cause instanceof SqlServerFailure ? cause : error
}

/** True where a statement failed because a name or a number is taken. */
export function isTaken(error: unknown): boolean {
  const cause = bare(error)
  if (cause instanceof SqlServerFailure) return cause.reason === 'taken'
  return cause instanceof SqliteFailure && /^SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE)/.test(cause.code)
}

/** Trouble that passes is an answer; everything else is a bug and thrown. */
function tryLater(error: unknown): TryLater {
  const cause = bare(error)
  const reason = cause instanceof SqliteFailure || cause instanceof SqlServerFailure ? cause.reason : 'failed'
  switch (reason) {
    case 'away':
      return later('unreachable', 'The directory cannot be reached at the moment. Try again later.')
    case 'disk-full':
      return later('disk-full', 'There is no room for this at the moment. Try again later.')
    case 'damaged':
      return later('damaged', 'The directory is being repaired. Try again later.')
    case 'stopped':
      return later('draining', 'The service is going down. Try again in a minute.')
    case 'taken':
    case 'failed':
      throw cause
  }
}

/** What `look` answers, or that it has to be asked again. */
export async function orLater<T>(look: () => Promise<T>): Promise<T | TryLater> {
  try {
    return await look()
  } catch (error) {
    return tryLater(error)
  }
}

const later = (reason: TryLater['reason'], text: string): TryLater => ({ kind: 'later', reason, text })

const attempts = 30
const attemptMs = 2_000

/** After a power cut a database server may take longer to start than we do. */
export async function whenThere<T>(
  open: () => Promise<T>,
  { clock, log }: { clock: Clock; log: Log },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open()
    } catch (error) {
      const isAway = error instanceof SqlServerFailure && error.reason === 'away'
      if (!isAway || attempt === attempts) throw error
      log.warn('directory.waiting', { reason: error.message })
      await clock.sleep(attemptMs)
    }
  }
}
