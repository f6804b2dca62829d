import { BadSyntax } from '../../../lib/bad-syntax.ts'
import type { NewMessage } from '../../../ports/mail-store.ts'
import type { MessageRef } from '../../../ports/message.ts'
import { framingLimits } from '../session/limits.ts'
import type { Session } from '../session/session.ts'
import {
  appendArguments,
  beginsAnotherMessage,
  type MessageOptions,
  messageOptions,
} from '../wire/append-arguments.ts'
import { Decoder } from '../wire/decoder.ts'
import type { Literal } from '../wire/framing.ts'
import { formatSet } from '../wire/sequence-set.ts'
import { signedIn } from './command.ts'
import { bad, done, later, no, type Reply, replies } from './replies.ts'

/** RFC 9051 §4.3, §9 CHAR8. */
const nulInLiteral = bad('NUL is for literals that begin with ~ alone')

const mostMessages = 100
const chunkOctets = 128 * 1024

/** In the table for its states and hazards; the octets of the messages come by `appendMessages`. */
export const append = signedIn({
  parse: (d) => {
    appendArguments(d)
    // Framing gives every APPEND that reads well to `appendMessages`: what comes here does not.
    return d.fail('literal')
  },
  run: () => bad('Expected a literal'),
})

export interface Upload {
  readonly mailbox: number
  readonly messages: NewMessage[]
  readonly most: number
  octets: number
  /** Octets that the account may still take; undefined is no limit. */
  readonly room: number | undefined
}

/**
 * APPEND and MULTIAPPEND (RFC 9051 §6.3.12, RFC 3502): messages go to the store as they arrive, never whole in memory. What can be
 * refused is refused before the client sends them. `gone` where the client went away.
 */
export async function appendMessages(
  session: Session,
  d: Decoder,
  literal: Literal,
): Promise<Reply | 'gone'> {
  const { mailbox, options } = appendArguments(d)
  const upload = await begin(session, mailbox)
  return await takeIn(session, upload, options, literal, (complete) => commit(session, complete))
}

/** Receives what the client sends and gives it to `commit`, or refuses it. */
export async function takeIn<Begun extends Upload>(
  session: Session,
  upload: Begun | Reply,
  options: MessageOptions,
  literal: Literal,
  commit: (upload: Begun) => Promise<Reply>,
): Promise<Reply | 'gone'> {
  if ('kind' in upload) return (await session.reader.refuse(literal)) ? upload : 'gone'
  const outcome = await receiveAll(session, upload, options, literal)
  if (outcome !== 'complete') {
    for (const { message } of upload.messages) await session.services.bytes.release(message)
    return outcome
  }
  return await commit(upload)
}

export async function begin(session: Session, name: string): Promise<Upload | Reply> {
  const { store } = session.services
  if (!session.user) return bad('Sign in first')
  const mailbox = await store.mailbox(session.user.account, name)
  if (!mailbox) return replies.noSuchTarget
  const { quotaBytes, usedBytes } = await store.usage(session.user.account)
  const room = quotaBytes > 0 ? quotaBytes - usedBytes : undefined
  return {
    mailbox: mailbox.id,
    messages: [],
    most: Math.min(mostMessages, session.services.settings.messageLimit),
    octets: 0,
    room,
  }
}

/** Message by message, until the command ends. */
async function receiveAll(
  session: Session,
  upload: Upload,
  firstOptions: MessageOptions,
  firstLiteral: Literal,
): Promise<'complete' | 'gone' | Reply> {
  let next: { options: MessageOptions; literal: Literal } | 'complete' = {
    options: firstOptions,
    literal: firstLiteral,
  }
  while (next !== 'complete') {
    const { options, literal }: { options: MessageOptions; literal: Literal } = next
    const refusal = refusalOf(session, upload, literal)
    if (refusal) return (await session.reader.refuse(literal)) ? refusal : 'gone'
    const received = await receive(session, literal)
    if (received === 'gone') return 'gone'
    if ('text' in received) return await afterRest(session, received)
    const receivedAt = options.receivedAt ?? session.services.clock.now()
    upload.octets += received.size
    upload.messages.push({ message: received, flags: options.flags, receivedAt })
    const following = await behindMessage(session, options)
    if (following === 'gone' || 'text' in following) return following
    next = following.next
  }
  return next
}

/** What stands behind the octets of a message: another one, or the end of the command. */
async function behindMessage(
  session: Session,
  { utf8 }: MessageOptions,
): Promise<{ next: { options: MessageOptions; literal: Literal } | 'complete' } | Reply | 'gone'> {
  const { reader, dialect } = session
  const incoming = await reader.restOfCommand(framingLimits(session), (text) =>
    beginsAnotherMessage(text, dialect),
  )
  if (incoming.kind === 'closed') return 'gone'
  if (incoming.kind === 'refused') return bad('Too long', 'LIMIT')
  const d = new Decoder(incoming.text, dialect)
  try {
    if (utf8) d.expect(')')
    if (incoming.kind === 'message')
      return { next: { options: messageOptions(d), literal: incoming.literal } }
    d.end()
    return { next: 'complete' }
  } catch (error) {
    if (error instanceof BadSyntax) return bad(error.message)
    throw error
  }
}

function refusalOf(session: Session, upload: Upload, { size }: Literal): Reply | undefined {
  const { appendLimit } = session.services.settings
  // RFC 7889 §4.
  if (size > appendLimit) return no('TOOBIG', `A message may have ${appendLimit} octets`)
  if (upload.room !== undefined && upload.octets + size > upload.room) return replies.overQuota
  // RFC 3502 lets a server stop somewhere; an empty message is how clients cancel.
  if (size === 0) return no(undefined, 'An empty message is none')
  return upload.messages.length >= upload.most
    ? no('LIMIT', `At most ${upload.most} messages at once`)
    : undefined
}

async function receive(
  session: Session,
  { size, synchronizing, binary }: Literal,
): Promise<MessageRef | Reply | 'gone'> {
  const { services, reader } = session
  const draft = await services.bytes.begin()
  if (synchronizing) {
    session.out.line('+ OK')
    session.flush()
  }
  session.patienceSeconds = 300 + size / 4096
  let trouble: Reply | undefined
  for (let left = size; left > 0; ) {
    const chunk = await reader.take(Math.min(left, chunkOctets))
    if (!chunk) {
      await services.bytes.discard(draft)
      return 'gone'
    }
    left -= chunk.length
    if (!binary && chunk.includes(0)) trouble = nulInLiteral
    if (trouble) continue
    const written = await services.bytes.write(draft, chunk)
    if (written.kind === 'later') trouble = later(written)
  }
  if (trouble) {
    await services.bytes.discard(draft)
    return trouble
  }
  const sealed = await services.bytes.seal(draft)
  return sealed.kind === 'sealed' ? sealed.ref : later(sealed)
}

/** The octets of one message are read; the command goes on to its end before it can be refused. */
async function afterRest(session: Session, reply: Reply): Promise<Reply | 'gone'> {
  const rest = await session.reader.restOfCommand(framingLimits(session), (text) =>
    beginsAnotherMessage(text, session.dialect),
  )
  if (rest.kind === 'closed') return 'gone'
  if (rest.kind === 'message') return (await session.reader.refuse(rest.literal)) ? reply : 'gone'
  return reply
}

async function commit(session: Session, { mailbox, messages }: Upload): Promise<Reply> {
  if (!session.user) return bad('Sign in first')
  const appended = await session.services.store.append(session.user.account, mailbox, messages)
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
