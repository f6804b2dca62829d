import { patience } from './limits.ts'
import type { Session } from './session.ts'

/** Ends what takes too long; shows sleeping clients that we are here. */
export function checkTime(session: Session, now: number): void {
  const secondsSince = (then: number | undefined): number => (then === undefined ? 0 : (now - then) / 1000)
  if (session.passage) return
  // A client that does not read hears no good-bye either.
  if (secondsSince(session.out.blockedSince) > patience.output) session.abort()
  else if (secondsSince(session.reader.busySince) > Math.max(patience.command, session.patienceSeconds)) {
    session.leave('That took too long')
    session.reader.stop()
  } else if (!session.user && secondsSince(session.strangerSince) > patience.beforeLogin) {
    session.leave('Nobody signed in')
    session.reader.stop()
  } else if (session.waiting && secondsSince(session.lastHeardAt) > patience.idle) {
    session.leave('Nothing happened for a long time')
  } else if (session.onNews && secondsSince(session.lastSaidAt) > patience.stillHere) {
    session.out.line('* OK Still here')
    session.flush()
  } else sayProgress(session, now)
}

/** RFC 9585 §4: a client that waits sees that something happens. */
function sayProgress(session: Session, now: number): void {
  const { atWork, out } = session
  const silentSince = Math.max(atWork?.since ?? now, session.lastSaidAt)
  if (!atWork || session.waiting || out.inResponse || now - silentSince < patience.progress * 1000) return
  const { done, total } = atWork
  const numbers = total > done ? `${done} ${total}` : 'NIL NIL'
  out.line(`* OK [INPROGRESS ("${session.tag}" ${numbers})] Still at work`)
  session.flush()
}
