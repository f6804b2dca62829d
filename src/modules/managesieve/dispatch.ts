import { BadSyntax } from '../../lib/bad-syntax.ts'
import { Scanner } from '../../lib/scanner.ts'
import { mistake, no, type Reply } from './reply.ts'
import { mostMistakes } from './session/limits.ts'
import type { Session } from './session/session.ts'
import { table } from './table.ts'
import { replies } from './texts.ts'
import type { Incoming } from './wire/command-reader.ts'

const verbAtStart = /^[A-Za-z]{1,20}(?=[ \t]|$)/

/** Obeys one command and answers it. What stands before the answer, a list or a script, was written by the command. */
export async function obey(session: Session, incoming: Incoming): Promise<void> {
  const reply = await answerTo(session, incoming)
  session.say(reply)
  await session.afterReply?.()
  session.afterReply = undefined
  if (reply.kind === 'BYE') session.over = true
  if (!reply.isMistake) session.mistakes = 0
  else if (++session.mistakes >= mostMistakes[session.state]) {
    session.say(replies.tooManyMistakes)
    session.over = true
  }
}

async function answerTo(session: Session, incoming: Incoming): Promise<Reply> {
  if (incoming.kind === 'hopeless') return replies.hopeless
  try {
    return await run(session, incoming)
  } catch (error) {
    if (error instanceof BadSyntax) return mistake(error.message)
    const { id } = session.connection
    session.services.log.error('managesieve.command-failed', error, { connection: id })
    return no(`Something went wrong here; it is logged under ${id}`, 'TRYLATER')
  }
}

async function run(
  session: Session,
  { kind, text }: Exclude<Incoming, { kind: 'hopeless' }>,
): Promise<Reply> {
  const verb = verbAtStart.exec(text)?.[0] ?? ''
  const command = table.get(verb.toUpperCase())
  if (!command) return replies.unknownCommand
  if (!command.states.includes(session.state))
    return session.user ? replies.signedInAlready : replies.signInFirst
  if (kind === 'too-large') return tooLarge(session)
  const perform = command.read(new Scanner(text, verb.length))
  return await perform(session)
}

/** RFC 5804 §1.3: of somebody who signed in, this was a script. */
function tooLarge({ user, services }: Session): Reply {
  const { scriptBytes } = services.settings
  return user ? no(`A script may have ${scriptBytes} octets`, 'QUOTA/MAXSIZE') : replies.tooLong
}
