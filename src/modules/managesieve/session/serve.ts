import { nextTurn } from '../../../platform/next-turn.ts'
import { obey } from '../dispatch.ts'
import { replies } from '../texts.ts'
import { capabilities } from './capabilities.ts'
import type { Session } from './session.ts'

/** Greets, and obeys one command after the other in the order they came. */
export async function serveSession(session: Session): Promise<void> {
  const { connection, services } = session
  try {
    // RFC 5804 §1.7: the greeting is what CAPABILITY says.
    for (const line of capabilities(session)) session.out.line(line)
    session.say(replies.ready)
    await converse(session)
    if (session.leaving && !session.over && !session.out.gone) session.say(session.leaving)
  } catch (error) {
    services.log.error('managesieve.session-failed', error, { connection: connection.id })
  } finally {
    session.exit()
    await session.ends.close()
  }
}

async function converse(session: Session): Promise<void> {
  while (!session.over && !session.leaving && !session.out.gone) {
    const incoming = session.take()
    if (incoming) {
      await obey(session, incoming)
      if (session.out.full) await session.ends.ready()
      session.heard()
      // A script that is compiled takes some milliseconds: the others come in between.
      await nextTurn()
    } else if (!(await session.more())) return
  }
}
