import { replies } from '../texts.ts'
import { patience } from './limits.ts'
import type { Session } from './session.ts'

/** Ends what takes too long. RFC 5804 §1.2: with BYE. */
export function checkTime(session: Session, now: number): void {
  const secondsSince = (then: number | undefined): number => (then === undefined ? 0 : (now - then) / 1000)
  // A client that does not read hears no good-bye either.
  if (secondsSince(session.out.blockedSince) > patience.output) session.abort()
  else if (!session.user && secondsSince(session.strangerSince) > patience.beforeLogin)
    session.leave(replies.nobody)
  else if (!session.ends.isWaiting) return
  else if (secondsSince(session.commandSince) > patience.command) session.leave(replies.tooSlow)
  else if (secondsSince(session.idleSince) > patience.idle) session.leave(replies.idle)
}
