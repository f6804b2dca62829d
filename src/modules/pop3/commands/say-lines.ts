import { nextTurn } from '../../../platform/next-turn.ts'
import type { Reply } from '../reply.ts'
import { say } from '../say.ts'
import type { Session } from '../session/session.ts'

/** Lines of one list between two looks at the other clients. */
const linesPerTurn = 4_000

/** An answer of several lines, none of which begins with a dot. RFC 1939 §3. */
export async function sayLines(session: Session, first: Reply, lines: Iterable<string>): Promise<undefined> {
  say(session, first)
  session.midAnswer = true
  let count = 0
  for (const line of lines) {
    session.out.line(line)
    if (++count % linesPerTurn !== 0) continue
    if (session.out.full) await session.ends.ready()
    else await nextTurn()
    if (session.out.gone) return undefined
  }
  session.out.line('.')
  session.midAnswer = false
  return undefined
}
