import { nextTurn } from '../../../platform/next-turn.ts'
import type { Session } from '../session/session.ts'

/** In the middle of a long answer: lets the client read, and the others work. */
export async function takeTurns(session: Session): Promise<void> {
  session.out.flush()
  await session.ready()
  await nextTurn()
}
