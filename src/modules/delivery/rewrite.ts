import type { HeaderEdit } from '../../ports/mail-filter.ts'
import type { MessageBytes, MessageRef } from '../../ports/message.ts'
import type { TryLater } from '../../ports/runtime.ts'

/** Read and written in pieces of this size. */
const pieceOctets = 256 * 1024

/** A copy of the message in which some places have another text. The first one is still to be released. */
export async function rewrite(
  bytes: Pick<MessageBytes, 'begin' | 'write' | 'seal' | 'discard' | 'read'>,
  message: MessageRef,
  edits: readonly HeaderEdit[],
): Promise<{ kind: 'sealed'; ref: MessageRef } | TryLater> {
  const draft = await bytes.begin()
  for await (const piece of piecesOf(bytes, message, edits)) {
    const written = await bytes.write(draft, piece)
    if (written.kind === 'later') {
      await bytes.discard(draft)
      return written
    }
  }
  return bytes.seal(draft)
}

async function* piecesOf(
  bytes: Pick<MessageBytes, 'read'>,
  message: MessageRef,
  edits: readonly HeaderEdit[],
): AsyncGenerator<Uint8Array> {
  let start = 0
  for (const { from, to, text } of [...edits, { from: message.size, to: message.size, text: '' }]) {
    for (let at = start; at < from; at += pieceOctets) {
      const piece = await bytes.read(message, { from: at, to: Math.min(at + pieceOctets, from) })
      // The writer may keep the octets, and these are still another message's.
      yield Uint8Array.from(piece)
    }
    if (text !== '') yield Uint8Array.from(Buffer.from(text, 'latin1'))
    start = to
  }
}
