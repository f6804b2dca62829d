import { unpackParts } from '../../../lib/mime/sections.ts'
import type { Opened } from '../access/opened.ts'
import { findOctets, type Message, pieceOctets } from '../fetch/octets.ts'
import type { Session, User } from '../session/session.ts'
import { type ImapUrl, parseImapUrl } from '../wire/imap-url.ts'
import { signedInOf } from './command.ts'
import type { Reply } from './replies.ts'

/** Octets of a message that is here already. */
export interface FoundOctets {
  readonly size: number
  /** Pieces that are the caller's own; undefined where the message goes away meanwhile. */
  readonly pieces: AsyncIterable<Uint8Array | undefined>
}

/** RFC 4469 §3: undefined where the URL names nothing that this user may read here. */
export async function octetsOfUrl(session: Session, text: string): Promise<FoundOctets | undefined> {
  const { user } = session
  const url = parseImapUrl(text)
  if (!url || !user || !isOfHere(session, user, url)) return undefined
  const at = await mailboxOf(session, url)
  if (!at || 'kind' in at) return undefined
  const { uidValidity } = at.mailbox
  return (url.uidValidity ?? uidValidity) === uidValidity ? await octetsAt(at, url) : undefined
}

/** What a URL names in this mailbox. */
export async function octetsAt(at: Opened<'r'>, url: ImapUrl): Promise<FoundOctets | undefined> {
  const [row] = await at.rows([url.uid], ['size', 'header', 'parts'])
  if (!row) return undefined
  const message: Message = {
    size: row.size ?? 0,
    header: row.header,
    parts: async () => unpackParts(row.parts ?? '[]'),
    read: (from, to) => at.bytes(url.uid, { from, to }),
  }
  return await octetsIn(message, url)
}

function isOfHere(session: Session, user: User, { host, user: named }: ImapUrl): boolean {
  return (host === undefined || isThisHost(session, host)) && (named === undefined || named === user.address)
}

/** Whether an absolute URL names this server. */
export function isThisHost({ connection, services }: Session, host: string | undefined): boolean {
  const names = [services.settings.hostname, connection.tls?.serverName].map((name) => name?.toLowerCase())
  return host !== undefined && names.includes(host)
}

async function mailboxOf(session: Session, url: ImapUrl): Promise<Opened<'r'> | Reply | undefined> {
  if (url.mailbox === undefined) return session.selected?.at
  return await signedInOf<'r'>(session)?.mail.open(url.mailbox, 'r')
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
