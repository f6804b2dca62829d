import { type Answer, always, command, everywhere } from '../command.ts'
import { chunkArguments, nothing } from '../grammar/arguments.ts'
import type { BinaryIncoming } from '../message/binary.ts'
import { handOver, note } from '../message/hand-over.ts'
import type { Incoming } from '../message/incoming.ts'
import { startMessage } from '../message/start.ts'
import { chunkTaken, type Reply, refusal, replies, tryLater } from '../reply.ts'
import type { Session } from '../session.ts'
import type { Transaction } from '../transaction.ts'
import { DataLines } from '../wire/data-lines.ts'

const wholeChunk = Number.POSITIVE_INFINITY

/** RFC 5321 §4.1.1.4. */
export const data = command({
  on: everywhere,
  states: ['open', 'addressed'],
  isChore: false,
  parse: nothing,
  run: async (session): Promise<Answer> => {
    const { transaction } = session
    if (!transaction) return replies.mailFirst
    if (transaction.recipients.length === 0) return withoutRecipients(session, transaction)
    // RFC 3030 §3.
    if (transaction.parameters.body === 'BINARYMIME') return replies.binaryNeedsChunks
    const incoming = startMessage(session, transaction)
    session.say(replies.sendData)
    if (!(await receiveLines(session, incoming))) return lost(session, transaction, incoming)
    return finish(session, transaction, incoming)
  },
})

/** RFC 2033 §4.2 wants 503; RFC 2920 §3.1 wants a client that pipelined to hear that nobody is left. */
function withoutRecipients(session: Session, transaction: Transaction): Reply {
  return transaction.refusedRecipients > 0 && session.via !== 'lmtp'
    ? replies.noRecipients
    : replies.rcptFirst
}

/** False where the client went away before the end. */
async function receiveLines(session: Session, incoming: Incoming | BinaryIncoming): Promise<boolean> {
  const { input, patience } = session
  const lines = new DataLines()
  patience.expect('data')
  for (;;) {
    const chunk = input.takeChunk(wholeChunk)
    if (!chunk) {
      if (await session.more()) continue
      return false
    }
    const { content, rest } = lines.push(chunk)
    if (content.length > 0) await incoming.push(content)
    if (!rest) continue
    input.giveBack(rest)
    return true
  }
}

async function finish(
  session: Session,
  transaction: Transaction,
  incoming: Incoming | BinaryIncoming,
): Promise<Answer> {
  session.chores = 0
  const answers = await handOver(session, transaction, await incoming.finish())
  session.transaction = undefined
  const [last, ...others] = answers.toReversed()
  for (const reply of others.toReversed()) session.say(reply)
  return last
}

async function lost(
  session: Session,
  transaction: Transaction,
  incoming: Incoming | BinaryIncoming,
): Promise<undefined> {
  await incoming.abandon()
  session.transaction = undefined
  const verdict = { code: 451, status: '4.4.2', text: 'Client went away inside the message' }
  note(session, transaction, verdict)
  return undefined
}

/** RFC 3030 §2. Runs in every state: whatever the answer, the octets that follow are not commands. */
export const bdat = command({
  on: everywhere,
  states: always,
  isChore: false,
  // How many octets follow is not known then, so nothing behind the line could be understood.
  badSyntax: replies.badChunk,
  parse: chunkArguments,
  run: async (session, { octets, last }): Promise<Answer> => {
    const { transaction } = session
    const refused = chunkRefusal(session)
    if (refused || !transaction) {
      if (transaction) transaction.chunksFailed = true
      return (await skip(session, octets)) ? (refused ?? replies.mailFirst) : undefined
    }
    transaction.chunks ??= startMessage(session, transaction)
    const incoming = transaction.chunks
    if (!(await receiveOctets(session, incoming, octets))) return lost(session, transaction, incoming)
    if (last) return finish(session, transaction, incoming)
    const { trouble } = incoming
    if (!trouble) return chunkTaken(octets)
    await failChunks(session, transaction)
    return trouble.kind === 'refused' ? refusal(trouble) : tryLater(trouble)
  },
})

function chunkRefusal({ hello, transaction, via }: Session): Reply | undefined {
  if (!hello || hello.verb === 'HELO') return replies.helloFirst
  if (!transaction) return replies.mailFirst
  if (transaction.chunksFailed) return replies.chunksFailed
  if (transaction.recipients.length > 0) return undefined
  return transaction.refusedRecipients > 0 && via !== 'lmtp' ? replies.noRecipients : replies.rcptFirst
}

async function failChunks(session: Session, transaction: Transaction): Promise<void> {
  const incoming = transaction.chunks
  transaction.chunks = undefined
  transaction.chunksFailed = true
  const trouble = incoming?.trouble
  if (!incoming || !trouble) return
  const verdict = trouble.kind === 'refused' ? refusal(trouble) : tryLater(trouble)
  note(session, transaction, verdict)
  await incoming.abandon()
}

async function receiveOctets(
  session: Session,
  incoming: Incoming | BinaryIncoming,
  octets: number,
): Promise<boolean> {
  return eachChunk(session, octets, (chunk) => incoming.push(chunk))
}

async function skip(session: Session, octets: number): Promise<boolean> {
  return eachChunk(session, octets, () => undefined)
}

/** Takes exactly so many octets. False where the client went away before. */
async function eachChunk(
  session: Session,
  octets: number,
  take: (chunk: Buffer) => Promise<void> | undefined,
): Promise<boolean> {
  session.patience.expect('data')
  let missing = octets
  while (missing > 0) {
    const chunk = session.input.takeChunk(missing)
    if (chunk) {
      missing -= chunk.length
      await take(chunk)
    } else if (!(await session.more())) {
      return false
    }
  }
  return true
}
