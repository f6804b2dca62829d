import type { Accepted, RecipientOutcome } from '../../../ports/intake.ts'
import type { MessageRef } from '../../../ports/message.ts'
import { accepted, type Reply, refusal, replies, tryLater } from '../reply.ts'
import type { Session } from '../session.ts'
import type { Transaction } from '../transaction.ts'
import type { Received } from './incoming.ts'
import { traceOf } from './start.ts'

/** The end of the data: hands a complete message to the intake and says what came of it, one reply or one per recipient. */
export async function handOver(
  session: Session,
  transaction: Transaction,
  received: Received,
): Promise<readonly Reply[]> {
  if (received.kind !== 'received') {
    const verdict = answer(received)
    note(session, transaction, verdict)
    return forEach(session, transaction, [verdict])
  }
  const answers = await accept(session, transaction, received.ref)
  const verdict = answers.find(({ code }) => code < 300) ?? answers[0] ?? replies.noRecipients
  if (verdict.code < 300) session.errors = 0
  measure(session, transaction, verdict, received.ref.size)
  return forEach(session, transaction, answers)
}

async function accept(
  session: Session,
  transaction: Transaction,
  ref: MessageRef,
): Promise<readonly Reply[]> {
  const { server, connection } = session
  const { parameters, recipients } = transaction
  const at = server.clock.now()
  const outcome = await server.intake.accept({
    id: transaction.id,
    connection: connection.id,
    origin: transaction.origin,
    sender: transaction.sender,
    recipients,
    message: ref,
    trace: traceOf(session, transaction, at),
    client: { ip: connection.ip, helo: session.hello?.name ?? '', tls: connection.tls !== undefined },
    requireTls: parameters.requireTls,
    smtpUtf8: parameters.smtpUtf8,
    envelopeId: parameters.envelopeId,
    returnContent: parameters.returnContent,
    notBefore: transaction.notBefore,
    receivedAt: at,
    repliesEach: session.via === 'lmtp',
  })
  return outcomeReplies(outcome, transaction.id, session.via === 'lmtp')
}

function outcomeReplies(outcome: Accepted, id: string, eachForItself: boolean): readonly Reply[] {
  if (outcome.kind !== 'accepted') return [answer(outcome)]
  const { outcomes } = outcome
  // One reply for all: whoever was refused behind the data hears it from the intake.
  if (!eachForItself && outcomes.some(({ kind }) => kind === 'done')) return [accepted(id)]
  return outcomes.map((one) => recipientReply(one, id))
}

function recipientReply(outcome: RecipientOutcome, id: string): Reply {
  return outcome.kind === 'done' ? accepted(id) : answer(outcome)
}

function answer(
  trouble: Exclude<RecipientOutcome | Exclude<Accepted, { kind: 'accepted' }>, { kind: 'done' }>,
): Reply {
  return trouble.kind === 'refused' ? refusal(trouble) : tryLater(trouble)
}

/** RFC 2033 §4.2: in LMTP a reply for each recipient that was taken. */
function forEach(session: Session, { recipients }: Transaction, answers: readonly Reply[]): readonly Reply[] {
  const shared = answers.find(({ code }) => code < 300) ?? answers[0] ?? replies.noRecipients
  if (session.via !== 'lmtp') return [shared]
  return recipients.map((_, index) => answers[index] ?? shared)
}

/** One line for a message that never reached the intake, which reports those that do. Never its text. */
export function note(session: Session, transaction: Transaction, verdict: Reply): void {
  const { connection, login } = session
  measure(session, transaction, verdict, 0)
  const { id, origin, sender } = transaction
  const { code, status = '', text } = verdict
  void session.server.intake.turnedAway?.({
    ...{ id, origin, sender },
    recipients: transaction.recipients.map(({ address }) => address),
    refused: { kind: 'refused', code, status, text: String(text) },
  })
  session.log.info(verdict.code < 500 ? 'message.deferred' : 'message.refused', {
    id: transaction.id,
    ip: connection.ip,
    login: login?.address,
    from: transaction.sender ?? '<>',
    to: listed(transaction),
    recipients: transaction.recipients.length,
    code: verdict.code,
    status: verdict.status,
    text: String(verdict.text),
  })
}

function measure(session: Session, { startedAt }: Transaction, { code }: Reply, octets: number): void {
  const { clock, meter } = session.server
  const via = { via: session.via }
  meter.count('smtp_messages_total', { ...via, outcome: outcomeName(code) })
  meter.count('smtp_message_bytes_total', via, octets)
  meter.observeSeconds('smtp_data_seconds', (clock.now() - startedAt) / 1000, via)
}

function outcomeName(code: number): 'accepted' | 'deferred' | 'refused' {
  if (code < 300) return 'accepted'
  return code < 500 ? 'deferred' : 'refused'
}

const namedRecipients = 20

function listed({ recipients }: Transaction): string {
  return recipients
    .slice(0, namedRecipients)
    .map(({ address }) => address)
    .join(' ')
}
