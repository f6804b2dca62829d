import { nextTurn } from '../../../platform/next-turn.ts'
import { farewell } from '../../../platform/wire/farewell.ts'
import { dispatch } from '../commands/dispatch.ts'
import { tellAtOnce } from '../selected/tell-at-once.ts'
import { beginsMessage } from '../wire/append-arguments.ts'
import { capabilities } from './capabilities.ts'
import { framingLimits } from './limits.ts'
import type { Session } from './session.ts'

/** Commands of one client in a row before others get their turn. */
const commandsPerTurn = 16

/** Greets, runs one command after the other in the order they came, and says good-bye. */
export async function serveSession(session: Session): Promise<void> {
  const { settings, log } = session.services
  try {
    session.out.line(`* OK [CAPABILITY ${capabilities(session)}] ${settings.hostname} Homepost ready`)
    session.flush()
    for (let commands = 1; !session.over; commands++) {
      await serveCommand(session)
      if (commands % commandsPerTurn === 0) await nextTurn()
    }
  } catch (error) {
    log.error('imap.session-failed', error, { connection: session.connection.id })
  } finally {
    await end(session)
  }
}

async function serveCommand(session: Session): Promise<void> {
  if (session.leaving !== undefined) {
    sayBye(session, session.leaving)
    return
  }
  session.waiting = true
  session.patienceSeconds = 0
  // RFC 5465 §3: whoever said NOTIFY hears of things between commands too.
  const stopTelling = session.notify && tellAtOnce(session, session.notify.isDelayed ? 'may-not' : 'may')
  const incoming = await session.reader.next(framingLimits(session), (text) => isMessage(session, text))
  await stopTelling?.()
  session.waiting = false
  session.lastHeardAt = session.services.clock.now()
  if (incoming.kind === 'closed' && session.leaving !== undefined) {
    sayBye(session, session.leaving)
    return
  }
  await dispatch(session, incoming)
  // Out of patience with an upload: that deserves a word.
  if (session.over && session.leaving !== undefined) sayBye(session, session.leaving)
  session.flush()
  await session.ready()
  await afterReply(session)
}

function isMessage(session: Session, text: string): boolean {
  return session.user !== undefined && beginsMessage(text, session.dialect)
}

async function afterReply(session: Session): Promise<void> {
  const next = session.afterReply
  session.afterReply = undefined
  try {
    await next?.()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    session.services.log.info('imap.tls-failed', { connection: session.connection.id, reason })
    session.over = true
  }
}

function sayBye(session: Session, why: string): void {
  session.out.line(`* BYE ${why}`)
  session.flush()
  session.over = true
}

async function end(session: Session): Promise<void> {
  const { connection, services } = session
  session.forgetUser()
  session.reader.detach()
  session.out.detach()
  await farewell(connection.stream, services.clock)
}
