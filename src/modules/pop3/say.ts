import { type Reply, render } from './reply.ts'
import type { Session } from './session/session.ts'

/** The first line of an answer, in the client's language. */
export function say(session: Session, reply: Reply): void {
  session.out.text(render(reply, session.language))
}
