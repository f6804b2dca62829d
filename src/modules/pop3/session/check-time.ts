import { patience } from './limits.ts'
import type { Session } from './session.ts'

/** Ends what takes too long. RFC 1939 §3: without a word, and without removing anything. */
export function checkTime(session: Session, now: number): void {
  const secondsSince = (then: number | undefined): number => (then === undefined ? 0 : (now - then) / 1000)
  const { maildrop, ends, idleSince, connectedAt } = session
  const { isWaiting, out } = ends
  if (session.passage) return
  if (secondsSince(out.blockedSince) > patience.output) session.abort()
  else if (!maildrop && secondsSince(connectedAt) > patience.beforeLogin) session.part()
  else if (isWaiting && secondsSince(idleSince) > patience.idle) session.part()
  else if (isWaiting && secondsSince(idleSince) > patience.readAhead) maildrop?.ahead.forget()
}
