import { protocolName } from '../profile.ts'
import type { Session } from '../session.ts'
import type { Transaction } from '../transaction.ts'
import { BinaryIncoming } from './binary.ts'
import { type HeaderRule, Incoming } from './incoming.ts'
import { findLoop } from './loops.ts'
import { completeHeader } from './submission-header.ts'
import { receivedField } from './trace.ts'

/** Gets ready to take the message of a transaction. */
export function startMessage(session: Session, transaction: Transaction): Incoming | BinaryIncoming {
  const { bytes, clock, limits, settings, binaryBudget } = session.server
  transaction.startedAt = clock.now()
  const incoming = new Incoming({
    bytes,
    // Conversion of a binary message makes it a third larger than what was allowed in.
    sizeLimit:
      transaction.parameters.body === 'BINARYMIME'
        ? settings.messageSizeLimit * 2
        : settings.messageSizeLimit,
    headerLimit: limits.headerOctets,
    headerRule: session.login ? submitted(session, transaction) : arrived(session, transaction),
  })
  if (transaction.parameters.body !== 'BINARYMIME') return incoming
  return new BinaryIncoming(incoming, binaryBudget, settings.messageSizeLimit)
}

function arrived(session: Session, transaction: Transaction): HeaderRule {
  // A program that hands mail over by LMTP may well have it from a mailbox here.
  const once = session.via === 'lmtp' ? [] : transaction.recipients
  return (header) => {
    const recipients = once.map(({ address }) => address)
    const loop = findLoop(header.toString('latin1'), recipients, session.server.limits.hops)
    return loop ?? { kind: 'kept', header }
  }
}

function submitted(session: Session, transaction: Transaction): HeaderRule {
  const { clock, settings } = session.server
  return (header) => ({
    kind: 'kept',
    header: completeHeader(header, {
      hostname: settings.hostname,
      id: transaction.id,
      author: transaction.sender ?? session.login?.address ?? settings.postmaster,
      at: clock.now(),
    }),
  })
}

/** Our Received field for a message that is complete. */
export function traceOf(session: Session, transaction: Transaction, at: number): string {
  const { connection, hello, login } = session
  const helo = hello?.name ?? ''
  const [only, ...others] = transaction.recipients
  return receivedField({
    hostname: session.server.settings.hostname,
    id: transaction.id,
    protocol: protocolName(
      hello?.verb ?? 'HELO',
      transaction.parameters.smtpUtf8,
      connection.tls !== undefined,
      login !== undefined,
    ),
    tls: connection.tls,
    client: login ? undefined : { helo, ip: connection.ip },
    onlyRecipient: others.length === 0 ? only?.address : undefined,
    at,
  })
}
