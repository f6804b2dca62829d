import { BadSyntax } from '../../lib/bad-syntax.ts'
import { textOf } from '../../lib/sasl.ts'
import { Scanner } from '../../lib/scanner.ts'
import type { Line } from '../../platform/wire/input.ts'
import type { Answer } from './command.ts'
import { err, mistake } from './reply.ts'
import { say } from './say.ts'
import { commandLineOctets, mostMistakes } from './session/limits.ts'
import type { Session } from './session/session.ts'
import { table } from './table.ts'

const verbAtStart = /^[A-Za-z0-9]{1,12}(?= |\t|$)/

/** Obeys one command and answers it. Lists and messages write theirs themselves. */
export async function obey(session: Session, line: Line): Promise<void> {
  const reply = await answerTo(session, line)
  if (!reply) return
  say(session, reply)
  if (!reply.isMistake) {
    session.mistakes = 0
  } else if (++session.mistakes >= mostMistakes[session.state]) {
    say(session, err(undefined, 'tooManyMistakes'))
    session.over = true
  }
}

async function answerTo(session: Session, line: Line): Promise<Answer> {
  try {
    return await run(session, line)
  } catch (error) {
    if (error instanceof BadSyntax) return mistake('badSyntax', error.message)
    const { id } = session.connection
    session.services.log.error('pop3.command-failed', error, { connection: id })
    if (!session.midAnswer) return err('SYS/TEMP', 'fault', id)
    // Nothing but the end of the connection can say so now.
    session.abort()
    return undefined
  }
}

async function run(session: Session, line: Line): Promise<Answer> {
  if (line.kind === 'too-long' || line.bytes.length > commandLineOctets) return mistake('tooLong')
  const text = textOf(line.bytes)
  const verb = verbAtStart.exec(text)?.[0] ?? ''
  const command = table.get(verb.toUpperCase())
  if (!command) return mistake('unknownCommand')
  if (!command.states.includes(session.state))
    return mistake(session.maildrop ? 'signedInAlready' : 'signInFirst')
  const perform = command.read(new Scanner(text, verb.length))
  return await perform(session)
}
