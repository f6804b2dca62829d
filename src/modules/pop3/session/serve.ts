import { nextTurn } from '../../../platform/next-turn.ts'
import { obey } from '../dispatch.ts'
import { err, ok } from '../reply.ts'
import { say } from '../say.ts'
import { saslLineOctets } from './limits.ts'
import type { Session } from './session.ts'

/** Commands that one client may have answered before the others get their turn. */
const commandsInARow = 16

/** Greets, obeys one command after the other in the order they came, and lets go of the maildrop. */
export async function serveSession(session: Session): Promise<void> {
  const { connection, services } = session
  try {
    // RFC 1939 §4. Without the time stamp that would offer APOP.
    say(session, ok('greeting', services.settings.hostname))
    await converse(session)
    if (session.leaving === 'with a word' && !session.out.gone) say(session, err('SYS/TEMP', 'restarting'))
  } catch (error) {
    services.log.error('pop3.session-failed', error, { connection: connection.id })
  } finally {
    await end(session)
  }
}

async function converse(session: Session): Promise<void> {
  for (let commands = 1; !session.over && !session.leaving && !session.out.gone; ) {
    const line = session.ends.input.takeLine(saslLineOctets)
    if (line) {
      await obey(session, line)
      if (session.out.full) await session.ends.ready()
      session.heard()
      if (commands++ % commandsInARow === 0) await nextTurn()
    } else if (!(await session.ends.more())) return
  }
}

/** Whatever was marked for deletion stays, unless QUIT has removed it. RFC 1939 §6. */
async function end(session: Session): Promise<void> {
  session.letGo()
  await session.ends.close()
}
