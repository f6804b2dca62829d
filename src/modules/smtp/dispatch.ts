import { isUtf8 } from 'node:buffer'
import { BadSyntax } from '../../lib/bad-syntax.ts'
import { Scanner } from '../../lib/scanner.ts'
import { nextTurn } from '../../platform/next-turn.ts'
import type { Line } from '../../platform/wire/input.ts'
import type { Answer, Command } from './command.ts'
import { badSyntax, ownFault, type Reply, replies } from './reply.ts'
import type { Session } from './session.ts'
import { authLineOctets, commandLineOctets } from './settings.ts'
import { foreignVerbs, table } from './table.ts'
import type { State } from './transaction.ts'

/** Commands that one client may have answered before the others get their turn. */
const commandsInARow = 32

/** Serves one client: takes command after command until one side has enough. */
export async function converse(session: Session): Promise<void> {
  let inARow = 0
  while (!session.isClosing) {
    const line = session.input.takeLine(authLineOctets)
    if (line) {
      await obeyAndAnswer(session, line)
      inARow++
      if (inARow % commandsInARow === 0) await nextTurn()
    } else {
      if (!(await nextLine(session))) return
      inARow = 0
    }
  }
}

/** False where the session is over. */
async function nextLine(session: Session): Promise<boolean> {
  if (!session.server.isDraining || session.transaction) return session.more()
  session.say(replies.draining)
  return false
}

async function obeyAndAnswer(session: Session, line: Line): Promise<void> {
  session.patience.expect('command')
  const reply = await answerTo(session, line)
  if (!reply || session.isClosing) return
  if (reply.code >= 500 && !session.isTrusted) await countError(session)
  session.say(reply)
  if (!session.isClosing && session.errors >= session.server.limits.hardErrors)
    session.say(replies.tooManyErrors)
  if (!session.isClosing && session.chores > session.server.limits.chores) session.say(replies.tooManyChores)
}

/** Guessing and probing cost time first, then the connection. */
async function countError(session: Session): Promise<void> {
  const { limits, clock } = session.server
  session.errors++
  if (session.errors <= limits.softErrors) return
  await session.output.flush()
  await clock.sleep(limits.lateAnswerMs)
}

async function answerTo(session: Session, line: Line): Promise<Answer> {
  try {
    return await obey(session, line)
  } catch (error) {
    // What is left of a message may still be coming; nothing of it may be taken for a command, so the session ends.
    session.log.error('smtp.fault', error, { id: session.transaction?.id, ip: session.connection.ip })
    await session.forget()
    return ownFault(session.connection.id)
  }
}

const verbAtStart = /^[A-Za-z:]{1,12}(?= |\t|$)/
const controls = /[\x00-\x08\x0a-\x1f\x7f]/

function obey(session: Session, line: Line): Answer | Promise<Answer> {
  if (line.kind === 'too-long') return replies.lineTooLong
  const text = line.bytes.toString('utf8')
  const verb = verbAtStart.exec(text)?.[0].toUpperCase() ?? ''
  if (line.bytes.length > commandLineOctets && verb !== 'AUTH') return replies.lineTooLong
  if (controls.test(text) || !isUtf8(line.bytes)) return replies.wrongLine
  const command = table.get(verb)
  if (!command?.on.includes(session.via)) return foreignVerbs.has(verb) ? replies.notSmtp : replies.unknown
  if (command.isChore) session.chores++
  return wrongState(session, command, verb) ?? parseAndRun(session, command, new Scanner(text, verb.length))
}

function parseAndRun(session: Session, command: Command, d: Scanner): Answer | Promise<Answer> {
  let args: unknown
  try {
    args = command.parse(d)
  } catch (error) {
    if (error instanceof BadSyntax) return command.badSyntax ?? badSyntax(error.message)
    throw error
  }
  return command.run(session, args)
}

function wrongState(session: Session, command: Command, verb: string): Reply | undefined {
  const { state } = session
  if (command.states.includes(state)) return undefined
  const needsLogin = state === 'ready' && session.via === 'submission' && !session.login
  return needsLogin && verb !== 'MAIL' ? replies.signInFirst : stateReplies[state]
}

const stateReplies: Record<State, Reply> = {
  fresh: replies.helloFirst,
  ready: replies.mailFirst,
  open: replies.inTransaction,
  addressed: replies.inTransaction,
  chunking: replies.chunksBegun,
}
