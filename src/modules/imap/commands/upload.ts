import { BadSyntax } from '../../../lib/bad-syntax.ts'
import type { NewMessage } from '../../../ports/mail-store.ts'
import type { Opened } from '../access/opened.ts'
import { framingLimits } from '../session/limits.ts'
import type { Session } from '../session/session.ts'
import type { MessageOptions, UploadGrammar, UploadStep } from '../wire/append-arguments.ts'
import { Decoder } from '../wire/decoder.ts'
import type { Literal } from '../wire/framing.ts'
import { octetsOfUrl } from './catenate.ts'
import { bad, later, no, type Reply, replies } from './replies.ts'

/** RFC 9051 §4.3, §9 CHAR8. */
const nulInLiteral = bad('NUL is for literals that begin with ~ alone')
const emptyMessage = no(undefined, 'An empty message is none')

const chunkOctets = 128 * 1024

/** What comes in, and where it goes. */
export interface Upload {
  readonly to: Opened<'i'>
  readonly messages: NewMessage[]
  readonly most: number
  octets: number
  /** Octets that the account may still take; undefined is no limit. */
  readonly room: number | undefined
}

/** A piece of the command, up to its end or to a literal whose octets are still to be read. */
export interface Piece {
  readonly grammar: UploadGrammar
  readonly steps: readonly UploadStep[]
  readonly literal: Literal | undefined
}

/** Receives what the client sends and gives it to `commit`, or refuses it. `gone` where the client went away. */
export async function takeIn<Begun extends Upload>(
  session: Session,
  upload: Begun | Reply,
  piece: Piece,
  commit: (upload: Begun) => Promise<Reply>,
): Promise<Reply | 'gone'> {
  if ('kind' in upload) return await refuse(session, piece.literal, upload)
  const receiving = new Receiving(session, upload)
  const outcome = await receiveAll(session, receiving, piece)
  if (outcome === 'complete') return await commit(upload)
  await receiving.giveUp()
  return outcome
}

/** Piece by piece, until the command ends. */
async function receiveAll(
  session: Session,
  receiving: Receiving,
  first: Piece,
): Promise<'complete' | 'gone' | Reply> {
  for (let piece = first; ; ) {
    const refusal = await takeSteps(session, receiving, piece)
    if (refusal) return refusal
    if (!piece.literal) return 'complete'
    const next = await behindOctets(session, piece.grammar)
    if (next === 'gone' || 'text' in next) return next
    piece = next
  }
}

async function takeSteps(
  session: Session,
  receiving: Receiving,
  { steps, literal }: Piece,
): Promise<Reply | 'gone' | undefined> {
  for (const step of steps) {
    const trouble = await receiving.take(step, literal)
    if (trouble === 'gone') return 'gone'
    if (trouble) return await refuse(session, trouble.isRead ? undefined : literal, trouble.reply)
  }
  return undefined
}

/** What stands behind the octets of a literal. */
async function behindOctets(session: Session, grammar: UploadGrammar): Promise<Piece | Reply | 'gone'> {
  const { reader, dialect } = session
  const incoming = await reader.restOfCommand(framingLimits(session), (text) =>
    grammar.endsWithOctets(text, new Decoder(text, dialect)),
  )
  if (incoming.kind === 'closed') return 'gone'
  if (incoming.kind === 'refused') return bad('Too long', 'LIMIT')
  const d = new Decoder(incoming.text, dialect)
  try {
    const steps = grammar.read(d)
    if (incoming.kind === 'message') return { grammar, steps, literal: incoming.literal }
    d.end()
    return { grammar, steps, literal: undefined }
  } catch (error) {
    if (error instanceof BadSyntax) return bad(error.message)
    throw error
  }
}

/** The command goes on to its end before it can be refused: past this literal, or what comes behind the octets that were read. */
async function refuse(session: Session, literal: Literal | undefined, reply: Reply): Promise<Reply | 'gone'> {
  return !literal || (await session.reader.refuse(literal)) ? reply : 'gone'
}

/** Why a step cannot be done; `isRead`: the octets of the literal are read, and all behind them. */
type Trouble = { readonly reply: Reply; readonly isRead: boolean } | 'gone' | undefined

/** The messages of one command as they come in: they go to the store at once, never whole in memory. */
class Receiving {
  readonly #session: Session
  readonly #upload: Upload
  #draft: { readonly id: string; readonly options: MessageOptions; octets: number } | undefined

  constructor(session: Session, upload: Upload) {
    this.#session = session
    this.#upload = upload
  }

  async take(step: UploadStep, literal: Literal | undefined): Promise<Trouble> {
    switch (step.kind) {
      case 'message':
        return refused(await this.#begin(step.options))
      case 'url':
        return refused(await this.#copyOf(step.url))
      case 'octets':
        return literal && (await this.#receive(literal, step.isWhole))
      case 'complete':
        return refused(await this.#seal())
    }
  }

  async giveUp(): Promise<void> {
    const { bytes } = this.#session.services
    if (this.#draft) await bytes.discard(this.#draft.id)
    for (const { message } of this.#upload.messages) await bytes.release(message)
  }

  async #begin(options: MessageOptions): Promise<Reply | undefined> {
    const { messages, most } = this.#upload
    // RFC 3502 lets a server stop somewhere.
    if (messages.length >= most) return no('LIMIT', `At most ${most} messages at once`)
    this.#draft = { id: await this.#session.services.bytes.begin(), options, octets: 0 }
    return undefined
  }

  /** RFC 4469 §4. */
  async #copyOf(url: string): Promise<Reply | undefined> {
    const badUrl = no(
      `BADURL "${url.replace(/[\]"\\\x00-\x1f\x7f-\uffff]/g, '?')}"`,
      'Nothing is found there',
    )
    const found = await octetsOfUrl(this.#session, url)
    if (!found) return badUrl
    const tooMuch = this.#refusalOf(found.size)
    if (tooMuch) return tooMuch
    for await (const piece of found.pieces) {
      if (!piece) return badUrl
      const trouble = await this.#write(piece)
      if (trouble) return trouble
    }
    return undefined
  }

  /** What can be refused is refused before the client sends it. */
  async #receive({ size, synchronizing, binary }: Literal, isWhole: boolean): Promise<Trouble> {
    const { reader, out } = this.#session
    // An empty message is how clients cancel.
    const refusal = isWhole && size === 0 ? emptyMessage : this.#refusalOf(size)
    if (refusal) return refused(refusal)
    if (synchronizing) {
      out.line('+ OK')
      this.#session.flush()
    }
    this.#session.patienceSeconds = 300 + size / 4096
    let trouble: Reply | undefined
    for (let left = size; left > 0; ) {
      const chunk = await reader.take(Math.min(left, chunkOctets))
      if (!chunk) return 'gone'
      left -= chunk.length
      if (!binary && chunk.includes(0)) trouble = nulInLiteral
      trouble ??= await this.#write(chunk)
    }
    return trouble && (await this.#passOver(trouble))
  }

  /** Reads what stands behind octets that turned out wrong. */
  async #passOver(reply: Reply): Promise<Trouble> {
    const { reader } = this.#session
    const rest = await reader.restOfCommand(framingLimits(this.#session), () => true)
    if (rest.kind === 'closed') return 'gone'
    if (rest.kind === 'message' && !(await reader.refuse(rest.literal))) return 'gone'
    return { reply, isRead: true }
  }

  async #write(chunk: Uint8Array): Promise<Reply | undefined> {
    if (!this.#draft) return undefined
    const { length } = chunk
    const written = await this.#session.services.bytes.write(this.#draft.id, chunk)
    if (written.kind === 'later') return later(written)
    this.#draft.octets += length
    return undefined
  }

  async #seal(): Promise<Reply | undefined> {
    const { services } = this.#session
    if (!this.#draft) return undefined
    const { id, options, octets } = this.#draft
    if (octets === 0) return emptyMessage
    const sealed = await services.bytes.seal(id)
    if (sealed.kind === 'later') return later(sealed)
    this.#draft = undefined
    this.#upload.octets += octets
    const receivedAt = options.receivedAt ?? services.clock.now()
    this.#upload.messages.push({ message: sealed.ref, flags: options.flags, receivedAt })
    return undefined
  }

  #refusalOf(size: number): Reply | undefined {
    const { appendLimit } = this.#session.services.settings
    const { octets, room } = this.#upload
    const soFar = (this.#draft?.octets ?? 0) + size
    // RFC 7889 §4, RFC 4469 §4.
    if (soFar > appendLimit) return no('TOOBIG', `A message may have ${appendLimit} octets`)
    return room !== undefined && octets + soFar > room ? replies.overQuota : undefined
  }
}

function refused(reply: Reply | undefined): Trouble {
  return reply && { reply, isRead: false }
}
