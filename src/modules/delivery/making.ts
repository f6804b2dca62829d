import type { MailSigner } from '../../ports/mail-signing.ts'
import type { BesideMessage } from '../../ports/mail-store.ts'
import type { MessageBytes, MessageRef } from '../../ports/message.ts'
import type { TryLater } from '../../ports/runtime.ts'
import type { Content, MadeMessage } from './content.ts'

type Bytes = Pick<MessageBytes, 'begin' | 'write' | 'seal' | 'discard' | 'read' | 'release'>
export type Made = { readonly kind: 'made'; readonly beside: readonly BesideMessage[] } | TryLater

const pieceBytes = 1_048_576

/** Turns a plan's other messages into octets that the store takes. All or none: what was made before trouble came is given up. */
export async function makeMessages(
  { bytes, signer }: { readonly bytes: Bytes; readonly signer: MailSigner },
  arrival: MessageRef,
  made: readonly MadeMessage[],
): Promise<Made> {
  const beside: BesideMessage[] = []
  for (const { content, author, ...message } of made) {
    const sealed = await make(bytes, arrival, content)
    if (sealed.kind === 'later') {
      await giveUp(bytes, beside)
      return sealed
    }
    const { header } = author === undefined ? { header: '' } : await signer.sign(sealed.ref, author)
    beside.push({
      ...message,
      message: sealed.ref,
      copies: message.copies.map((copy) => ({ ...copy, prefix: copy.prefix + header })),
      outgoing: message.outgoing.map((leaving) => ({ ...leaving, prefix: leaving.prefix + header })),
    })
  }
  return { kind: 'made', beside }
}

export async function giveUp(
  bytes: Pick<MessageBytes, 'release'>,
  beside: readonly BesideMessage[],
): Promise<void> {
  for (const { message } of beside) await bytes.release(message)
}

function make(bytes: Bytes, arrival: MessageRef, content: Content): ReturnType<MessageBytes['seal']> {
  return sealPieces(bytes, piecesOf(bytes, arrival, content))
}

/** The pieces are taken over. */
export async function sealPieces(
  bytes: Pick<MessageBytes, 'begin' | 'write' | 'seal' | 'discard'>,
  pieces: AsyncIterable<Uint8Array>,
): ReturnType<MessageBytes['seal']> {
  const draft = await bytes.begin()
  try {
    for await (const piece of pieces) {
      const written = await bytes.write(draft, piece)
      if (written.kind === 'later') {
        await bytes.discard(draft)
        return written
      }
    }
    return await bytes.seal(draft)
  } catch (cause) {
    await bytes.discard(draft)
    throw cause
  }
}

/** A chunk that is written is taken over: what a plan holds stays its own. */
async function* piecesOf(bytes: Bytes, arrival: MessageRef, content: Content): AsyncGenerator<Uint8Array> {
  if (content.kind === 'written') {
    yield content.bytes.slice()
    return
  }
  if (content.kind === 'edited') {
    yield Uint8Array.from(content.header)
    if (content.body !== undefined) {
      yield Uint8Array.from(content.body)
      return
    }
  }
  for (let from = arrival.index.headerBytes; from < arrival.size; from += pieceBytes) {
    const piece = await bytes.read(arrival, { from, to: Math.min(arrival.size, from + pieceBytes) })
    yield Uint8Array.from(piece)
  }
}
