import { failureReport, SqliteFailure } from '../../platform/sqlite/failure.ts'
import type { TryLater } from '../../ports/runtime.ts'

/** Trouble with the disk or the file is temporary for the sender; everything else is a bug and stays thrown. */
export function tryLater(error: unknown): TryLater {
  const reason = error instanceof SqliteFailure ? error.reason : failureReport(error).reason
  switch (reason) {
    case 'disk-full':
      return {
        kind: 'later',
        reason: 'disk-full',
        text: 'There is no room for this at the moment. Try again later.',
      }
    case 'damaged':
      return { kind: 'later', reason: 'damaged', text: 'The mail store is being repaired. Try again later.' }
    case 'stopped':
      return { kind: 'later', reason: 'draining', text: 'The service is going down. Try again in a minute.' }
    case 'failed':
      throw error
  }
}
