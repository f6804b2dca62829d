import type { Address } from '../../../lib/address.ts'
import { type Answer, command, everywhere } from '../command.ts'
import { mailArguments, rcptArguments } from '../grammar/arguments.ts'
import type { MailParameters, RcptParameters } from '../grammar/parameters.ts'
import type { Path } from '../grammar/path.ts'
import { longestHoldSeconds } from '../profile.ts'
import { type Reply, refusal, replies, tryLater } from '../reply.ts'
import type { Session } from '../session.ts'
import type { Transaction } from '../transaction.ts'

/** RFC 5321 §4.1.1.2. */
export const mail = command({
  on: everywhere,
  states: ['ready'],
  isChore: false,
  parse: mailArguments,
  run: async (session, { path, parameters }): Promise<Answer> => {
    if (session.messages >= session.server.limits.messages) return replies.tooManyMessages
    session.messages++
    const refused = mailRefusal(session, path, parameters)
    if (refused) return refused
    const sender = addressOf(path, session)
    const notYours = await rightRefusal(session, sender)
    if (notYours) return notYours
    session.transaction = begin(session, sender, parameters)
    return replies.sender
  },
})

async function rightRefusal(session: Session, sender: Address | undefined): Promise<Reply | undefined> {
  if (!session.login) return undefined
  const right = await session.server.senders.maySendAs(session.login.account, sender)
  switch (right.kind) {
    case 'allowed':
      return undefined
    case 'refused':
      session.log.info('smtp.sender-refused', { login: session.login.address, sender: sender ?? '' })
      return replies.senderNotYours
    case 'later':
      return tryLater(right)
  }
}

function mailRefusal(session: Session, path: Path, parameters: MailParameters): Reply | undefined {
  const { server, via, hello, connection } = session
  if (server.settings.inboundTlsEnforce && via === 'arriving' && !connection.tls && !session.isTrusted) {
    return replies.tlsFirst
  }
  if (via === 'submission' && !session.login) return replies.signInFirst
  if (parameters.used.some((name) => !hello?.offered.mailKeywords.has(name))) return replies.badParameters
  if (path.kind === 'unusable') return replies.unusableSender
  if (path.kind === 'address' && path.utf8 && !parameters.smtpUtf8) return replies.utf8NotDeclared
  // RFC 4865 §4.2: further ahead than was offered.
  const now = server.clock.now()
  if ((notBeforeOf(parameters, now) ?? 0) > now + longestHoldSeconds * 1000) return replies.holdTooLong
  // RFC 1870 §6.1.
  const limit = server.settings.messageSizeLimit
  return limit > 0 && parameters.size > limit ? replies.tooLarge : undefined
}

function begin(session: Session, sender: Address | undefined, parameters: MailParameters): Transaction {
  return {
    id: session.server.nextId(),
    startedAt: session.server.clock.now(),
    origin: session.origin,
    sender,
    parameters,
    notBefore: notBeforeOf(parameters, session.server.clock.now()),
    recipients: [],
    refusedRecipients: 0,
    chunks: undefined,
    chunksFailed: false,
  }
}

function notBeforeOf({ hold }: MailParameters, now: number): number | undefined {
  if (!hold) return undefined
  return 'until' in hold ? hold.until : now + hold.seconds * 1000
}

/** RFC 5321 §4.1.1.3. Whatever can be known about a recipient is said here, never in a bounce. */
export const rcpt = command({
  on: everywhere,
  states: ['open', 'addressed'],
  isChore: false,
  parse: rcptArguments,
  run: async (session, { path, parameters }): Promise<Answer> => {
    const { transaction, server } = session
    if (!transaction) return replies.mailFirst
    const recipient = addressOf(path, session)
    const refused =
      rcptRefusal(session, transaction, path, parameters) ??
      (recipient ? undefined : replies.unusableRecipient)
    if (refused || !recipient)
      return refuse(session, transaction, refused ?? replies.unusableRecipient, recipient)
    const answer = await server.intake.recipient({
      recipient,
      sender: transaction.sender,
      origin: transaction.origin,
      size: transaction.parameters.size,
    })
    if (answer.kind === 'refused') return refuse(session, transaction, refusal(answer), recipient)
    if (answer.kind === 'later') return refuse(session, transaction, tryLater(answer), recipient)
    const { notify, originalRecipient } = parameters
    transaction.recipients.push({ address: recipient, notify, originalRecipient })
    return replies.recipient
  },
})

function rcptRefusal(
  session: Session,
  transaction: Transaction,
  path: Path,
  parameters: RcptParameters,
): Reply | undefined {
  if (transaction.recipients.length >= session.server.limits.recipients) return replies.tooManyRecipients
  if (parameters.used.some((name) => !session.hello?.offered.rcptKeywords.has(name)))
    return replies.badParameters
  const needsUtf8 = path.kind === 'address' && path.utf8
  return needsUtf8 && !transaction.parameters.smtpUtf8 ? replies.utf8NotDeclared : undefined
}

function refuse(
  session: Session,
  transaction: Transaction,
  reply: Reply,
  recipient: Address | undefined,
): Reply {
  transaction.refusedRecipients++
  session.server.meter.count('smtp_recipients_refused_total', { via: session.via, code: String(reply.code) })
  session.log.info('smtp.recipient-refused', {
    id: transaction.id,
    ip: session.connection.ip,
    sender: transaction.sender ?? '',
    recipient: recipient ?? '',
    code: reply.code,
    reason: `${reply.status ?? ''} ${String(reply.text)}`,
  })
  return reply
}

/** RFC 5321 §4.5.1: `Postmaster` without a domain is ours. */
function addressOf(path: Path, session: Session): Address | undefined {
  if (path.kind === 'postmaster') return session.server.settings.postmaster
  return path.kind === 'address' ? path.address : undefined
}
