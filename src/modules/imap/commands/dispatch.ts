import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { type Shifting, tellNews } from '../selected/news.ts'
import { recheck } from '../selected/recheck.ts'
import type { Session } from '../session/session.ts'
import { uploadName } from '../wire/append-arguments.ts'
import { Decoder } from '../wire/decoder.ts'
import type { Incoming, Literal } from '../wire/framing.ts'
import { appendMessages } from './append.ts'
import type { Command, Hazards } from './command.ts'
import { replaceMessage } from './replace.ts'
import type { Reply } from './replies.ts'
import { bad, no } from './replies.ts'
import { commandNamed } from './table.ts'

const mostBadCommands = 20
const mostBadBeforeLogin = 5

/** Runs what the client sent and says how it went. The only place that writes tagged responses. */
export async function dispatch(session: Session, incoming: Incoming): Promise<void> {
  switch (incoming.kind) {
    case 'closed':
      session.over = true
      return
    case 'refused':
      return answer(session, tagOf(incoming.text), 'The command', bad('Too long', 'LIMIT'))
    case 'message':
      return await withTag(session, incoming.text, (tag, d) => runUpload(session, tag, d, incoming.literal))
    case 'command':
      // A client that ends its literal with a line too many means nothing by it.
      if (incoming.text === '') return
      return await withTag(session, incoming.text, (tag, d) => runCommand(session, tag, d))
  }
}

async function withTag(
  session: Session,
  text: string,
  run: (tag: string, d: Decoder) => Promise<void>,
): Promise<void> {
  const d = new Decoder(text, session.dialect)
  let tag = '*'
  try {
    tag = d.tag()
    session.tag = tag
    d.sp()
    await run(tag, d)
  } catch (error) {
    if (error instanceof BadSyntax) answer(session, tag, 'The command', bad(error.message))
    else reportBug(session, tag, error)
  }
}

async function runCommand(session: Session, tag: string, d: Decoder): Promise<void> {
  const found = commandNamed(d)
  if (!found) return answer(session, tag, 'The command', bad('Unknown command'))
  const { name, command } = found
  if (!command.states.includes(session.state)) return answer(session, tag, name, wrongState(session, command))
  const run = command.read(d)
  d.end()
  if (session.enabled.uidOnly && (takesNumbers(found) || d.namesNumbers))
    return answer(session, tag, name, uidRequired)
  if (!(await recheck(session))) return answer(session, tag, name, gone)
  const before = session.selected
  const reply = await atWork(session, () => run(session))
  if (!command.hazards.changesMailbox && session.selected === before) await tell(session, command)
  answer(session, tag, name, reply)
}

/** While it runs, a client that waits may be told how far it is. */
async function atWork(session: Session, run: () => Promise<Reply>): Promise<Reply> {
  if (!session.user) return await run()
  session.atWork = { since: session.services.clock.now(), done: 0, total: 0 }
  try {
    return await run()
  } finally {
    session.atWork = undefined
  }
}

/** The connection ends with it. */
const gone = no('UNAVAILABLE', 'The connection ends')

/** RFC 9586 §3.1. */
const uidRequired = bad('Name messages by their uids', 'UIDREQUIRED')

function takesNumbers({ name, command }: { name: string; command: Command }): boolean {
  // RFC 7377 §2.1: ESEARCH answers in uids.
  return command.hazards.usesSequenceNumbers && !/^(?:UID |ESEARCH$)/.test(name)
}

async function runUpload(session: Session, tag: string, d: Decoder, literal: Literal): Promise<void> {
  const name = uploadName(d)
  const refusal = await refusalOf(session, name)
  if (refusal) {
    session.over = !(await session.reader.refuse(literal))
    return answer(session, tag, name, refusal)
  }
  const reply =
    name === 'APPEND'
      ? await appendMessages(session, d, literal)
      : await replaceMessage(session, d, literal, name === 'REPLACE' ? 'number' : 'uid')
  if (reply === 'gone') {
    session.over = true
    return
  }
  if (name === 'APPEND') await tellNews(session, renumberingWouldHurt(session) ? 'may-not' : 'may')
  else await tellNews(session, 'asked')
  answer(session, tag, name, reply)
}

async function refusalOf(session: Session, name: string): Promise<Reply | undefined> {
  if (name === 'REPLACE' && session.enabled.uidOnly) return uidRequired
  return (await recheck(session)) ? undefined : gone
}

async function tell(session: Session, { hazards }: Command): Promise<void> {
  await tellNews(session, shifting(session, hazards))
}

function shifting(session: Session, { shiftsSequence }: Hazards): Shifting {
  if (shiftsSequence === 'always') return 'asked'
  return shiftsSequence === 'never' || renumberingWouldHurt(session) ? 'may-not' : 'may'
}

/** The client has sent its next command already, and counts as it did then. RFC 9051 §5.5. */
function renumberingWouldHurt(session: Session): boolean {
  const text = session.reader.pipelined
  if (text === '') return false
  try {
    const d = new Decoder(text)
    d.tag()
    d.sp()
    return commandNamed(d)?.command.hazards.usesSequenceNumbers ?? false
  } catch {
    return false
  }
}

function wrongState(session: Session, { states }: Command): Reply {
  if (!session.user) return bad('Sign in first')
  return bad(states.includes('selected') ? 'Select a mailbox first' : 'Not while signed in')
}

function answer(session: Session, tag: string, name: string, { kind, code, text }: Reply): void {
  const words = text === '' ? `${name} completed` : text
  session.out.line(`${tag} ${kind.toUpperCase()} ${code === undefined ? '' : `[${code}] `}${words}`)
  if (kind !== 'bad') session.badCommands = 0
  else if (++session.badCommands >= (session.user ? mostBadCommands : mostBadBeforeLogin)) {
    session.leave('Too many commands that make no sense')
  }
}

function reportBug(session: Session, tag: string, error: unknown): void {
  const { id } = session.connection
  session.services.log.error('imap.command-failed', error, { connection: id })
  if (session.out.inResponse) {
    session.abort()
    return
  }
  answer(session, tag, 'The command', no('SERVERBUG', `Something went wrong here; it is logged under ${id}`))
}

function tagOf(text: string): string {
  return /^[^\x00-\x1f\x7f (){%*"\\+]{1,100}(?= )/.exec(text)?.[0] ?? '*'
}
