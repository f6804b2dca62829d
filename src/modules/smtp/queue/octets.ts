import type { OutgoingQueue } from '../../../ports/outgoing-queue.ts'

export const pieceOctets = 1024 * 1024

/** A queued message from its first octet. */
export async function* octetsOf(
  queue: Pick<OutgoingQueue, 'bytes'>,
  id: number,
  size: number,
): AsyncIterable<Uint8Array> {
  for (let from = 0; from < size; from += pieceOctets) {
    const piece = await queue.bytes(id, { from, to: Math.min(from + pieceOctets, size) })
    if (!piece || piece.length === 0) throw new Error(`outgoing message ${id} ends before its end`)
    yield piece
  }
}
