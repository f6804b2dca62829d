import { unpackParts } from '../../../lib/mime/sections.ts'
import type { Mailbox } from '../../../ports/mail-store.ts'
import { findOctets, type Message, pieceOctets } from '../fetch/octets.ts'
import type { Session, User } from '../session/session.ts'
import { type ImapUrl, parseImapUrl } from '../wire/imap-url.ts'

/** Octets of a message that is here already. */
export interface FoundOctets {
  readonly size: number
  /** Pieces that are the caller's own; undefined where the message goes away meanwhile. */
  readonly pieces: AsyncIterable<Uint8Array | undefined>
}

/** RFC 4469 §3: undefined where the URL names nothing that this user may read here. */
export async function octetsOfUrl(session: Session, text: string): Promise<FoundOctets | undefined> {
  const { user, services } = session
  const url = parseImapUrl(text)
  if (!url || !user || !isOfHere(session, user, url)) return undefined
  const mailbox = await mailboxOf(session, user, url)
  if (!mailbox || (url.uidValidity ?? mailbox.uidValidity) !== mailbox.uidValidity) return undefined
  const { store } = services
  const [row] = await store.rows(user.account, mailbox.id, [url.uid], ['size', 'header', 'parts'])
  if (!row) return undefined
  const message: Message = {
    size: row.size ?? 0,
    header: row.header,
    parts: async () => unpackParts(row.parts ?? '[]'),
    read: (from, to) => store.bytes(user.account, mailbox.id, url.uid, { from, to }),
  }
  return await octetsIn(message, url)
}

/** An absolute URL may name this server as well. */
function isOfHere({ connection, services }: Session, user: User, { host, user: named }: ImapUrl): boolean {
  const names = [services.settings.hostname, connection.tls?.serverName].map((name) => name?.toLowerCase())
  return (host === undefined || names.includes(host)) && (named === undefined || named === user.address)
}

async function mailboxOf(session: Session, user: User, url: ImapUrl): Promise<Mailbox | undefined> {
  if (url.mailbox === undefined) return session.selected?.mailbox
  return await session.services.store.mailbox(user.account, url.mailbox)
}

async function octetsIn(message: Message, { section }: ImapUrl): Promise<FoundOctets | undefined> {
  const found = await findOctets(section, message)
  switch (found.kind) {
    case 'range':
      return { size: found.to - found.from, pieces: piecesOf(message, found) }
    case 'text':
      return one(Buffer.from(found.text, 'latin1'))
    case 'bytes':
      return one(found.bytes)
    case 'number':
    case 'nothing':
    case 'gone':
    case 'unknown-encoding':
      return undefined
  }
}

async function* piecesOf(
  { read }: Message,
  { from, to }: { from: number; to: number },
): AsyncIterable<Uint8Array | undefined> {
  for (let at = from; at < to; ) {
    const piece = await read(at, Math.min(at + pieceOctets, to))
    if (!piece || piece.length === 0) return yield undefined
    at += piece.length
    // What is read may be shared with others; what is written is given away.
    yield Uint8Array.from(piece)
  }
}

function one(bytes: Uint8Array): FoundOctets {
  return {
    size: bytes.length,
    pieces: (async function* () {
      yield Uint8Array.from(bytes)
    })(),
  }
}
