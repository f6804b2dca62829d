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
  const answers =
    received.kind === 'received' ? await accept(session, transaction, received.ref) : [answer(received)]
  const whole = received.kind === 'received' ? received.ref.size : 0
  const verdict = answers.find(({ code }) => code < 300) ?? answers[0] ?? replies.noRecipients
  if (verdict.code < 300) session.errors = 0
  report(session, transaction, { verdict, octets: whole })
  // RFC 2033 §4.2: a reply for each recipient that was taken.
  return session.via === 'lmtp' ? perRecipient(transaction, answers) : [verdict]
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
    receivedAt: at,
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

function perRecipient({ recipients }: Transaction, answers: readonly Reply[]): readonly Reply[] {
  const shared = answers[0] ?? replies.noRecipients
  return recipients.map((_, index) => answers[index] ?? shared)
}

interface Reported {
  readonly verdict: Reply
  readonly octets: number
}

/** One line per message, whatever became of it. Never its text. */
export function report(session: Session, transaction: Transaction, { verdict, octets }: Reported): void {
  const { server, connection, via, login } = session
  const outcome = outcomeName(verdict.code)
  const seconds = (server.clock.now() - transaction.startedAt) / 1000
  server.meter.count('smtp_messages_total', { via, outcome })
  server.meter.count('smtp_message_bytes_total', { via }, octets)
  server.meter.observeSeconds('smtp_data_seconds', seconds, { via })
  session.log.info(`message.${outcome}`, {
    id: transaction.id,
    ip: connection.ip,
    helo: session.hello?.name,
    tls: connection.tls?.protocol,
    login: login?.address,
    sender: transaction.sender ?? '',
    recipients: listed(transaction),
    octets,
    seconds,
    reason:
      outcome === 'accepted' ? undefined : `${verdict.code} ${verdict.status ?? ''} ${String(verdict.text)}`,
  })
}

function outcomeName(code: number): 'accepted' | 'deferred' | 'refused' {
  if (code < 300) return 'accepted'
  return code < 500 ? 'deferred' : 'refused'
}

const namedRecipients = 20

function listed({ recipients }: Transaction): string {
  const named = recipients.slice(0, namedRecipients).map(({ address }) => address)
  const more = recipients.length - named.length
  return named.join(' ') + (more > 0 ? ` and ${more} more` : '')
}
