import type { Session } from '../session/session.ts'
import { appendArguments, UploadGrammar } from '../wire/append-arguments.ts'
import type { Decoder } from '../wire/decoder.ts'
import type { Literal } from '../wire/framing.ts'
import { formatSet } from '../wire/sequence-set.ts'
import { signedIn, signedInOf } from './command.ts'
import { asTarget, bad, done, later, type Reply, replies } from './replies.ts'
import { type Piece, takeIn, type Upload } from './upload.ts'

const mostMessages = 100

/**
 * APPEND and MULTIAPPEND (RFC 9051 §6.3.12, RFC 3502), here those that are made of messages which are here already (RFC 4469). All
 * others come by `appendMessages`.
 */
export const append = signedIn({
  // What CATENATE takes from is read.
  needs: ['i', 'r'],
  parse: (d) => {
    const { mailbox } = appendArguments(d)
    return { mailbox, piece: pieceOf(d, undefined) }
  },
  run: async ({ session }, { mailbox, piece }) => {
    const reply = await appendPieces(session, mailbox, piece)
    return reply === 'gone' ? bad('Gone') : reply
  },
})

/** With a literal: what can be refused is refused before the client sends it. `gone` where the client went away. */
export async function appendMessages(
  session: Session,
  d: Decoder,
  literal: Literal,
): Promise<Reply | 'gone'> {
  const { mailbox } = appendArguments(d)
  return await appendPieces(session, mailbox, pieceOf(d, literal))
}

/** The first of what the command says of its messages. */
export function pieceOf(d: Decoder, literal: Literal | undefined): Piece {
  const grammar = new UploadGrammar()
  const steps = grammar.read(d)
  // Framing lets no literal of a message through that reads well.
  if (!literal && steps.at(-1)?.kind !== 'complete') d.fail('literal')
  return { grammar, steps, literal }
}

async function appendPieces(session: Session, mailbox: string, piece: Piece): Promise<Reply | 'gone'> {
  const upload = await begin(session, mailbox)
  return await takeIn(session, upload, piece, commit)
}

export async function begin(session: Session, name: string): Promise<Upload | Reply> {
  const context = signedInOf<'i'>(session)
  if (!context) return bad('Sign in first')
  const to = await context.mail.open(name, 'i')
  if ('kind' in to) return asTarget(to)
  const { quotaBytes, usedBytes } = await to.usage()
  const room = quotaBytes > 0 ? quotaBytes - usedBytes : undefined
  return {
    to,
    messages: [],
    most: Math.min(mostMessages, session.services.settings.messageLimit),
    octets: 0,
    room,
  }
}

async function commit({ to, messages }: Upload): Promise<Reply> {
  const appended = await to.append(messages)
  switch (appended.kind) {
    case 'appended':
      // RFC 4315 §3.
      return done(`APPENDUID ${appended.uidValidity} ${formatSet(appended.uids)}`)
    case 'missing':
      return replies.noSuchTarget
    case 'over-quota':
      return replies.overQuota
    case 'later':
      return later(appended)
  }
}
