import { type Answer, inMaildrop } from '../command.ts'
import { message, topArguments } from '../grammar/arguments.ts'
import { smallOctets } from '../maildrop/ahead.ts'
import type { Maildrop } from '../maildrop/maildrop.ts'
import { err, ok } from '../reply.ts'
import { say } from '../say.ts'
import type { Session } from '../session/session.ts'
import { withAsciiHeader } from '../wire/message-start.ts'
import { MessageText } from '../wire/message-text.ts'
import { TopCut } from '../wire/top-cut.ts'

/** Of a large message, what is read and sent at once. */
const pieceOctets = 256 * 1024
const topPieceOctets = 32 * 1024

/** RFC 1939 §5. */
export const retr = inMaildrop({
  parse: message,
  run: async (session, maildrop, number): Promise<Answer> => {
    if (!maildrop.has(number)) return err(undefined, 'noSuchMessage')
    const pieces = piecesOf(session, maildrop, number, pieceOctets)
    const first = await pieces.next()
    if (first.done) return err(undefined, 'gone')
    say(session, ok('octets', maildrop.size(number)))
    session.midAnswer = true
    const text = new MessageText(session.out)
    text.write(session.utf8 ? first.value : withAsciiHeader(first.value))
    for await (const piece of pieces) {
      if (session.out.full) await session.ends.ready()
      if (session.out.gone) return undefined
      text.write(piece)
    }
    text.end()
    session.midAnswer = false
    maildrop.retrieved(number)
    return undefined
  },
})

/** RFC 1939 §7. */
export const top = inMaildrop({
  parse: topArguments,
  run: async (session, maildrop, { message: number, lines }): Promise<Answer> => {
    if (!maildrop.has(number)) return err(undefined, 'noSuchMessage')
    const pieces = piecesOf(session, maildrop, number, topPieceOctets)
    const first = await pieces.next()
    if (first.done) return err(undefined, 'gone')
    say(session, ok('top'))
    session.midAnswer = true
    const text = new MessageText(session.out)
    const cut = new TopCut(lines)
    const start = session.utf8 ? first.value : withAsciiHeader(first.value)
    for (let piece: Uint8Array | undefined = start; piece; ) {
      const { octets, done } = cut.take(piece)
      text.write(piece.subarray(0, octets))
      if (session.out.full) await session.ends.ready()
      if (session.out.gone) return undefined
      piece = done ? undefined : (await pieces.next()).value
    }
    text.end()
    session.midAnswer = false
    return undefined
  },
})

/**
 * A small message whole, a large one in pieces. Nothing at all where others have removed it. What was begun is given to its
 * end, or the connection is cut.
 */
async function* piecesOf(
  { services: { store } }: Session,
  maildrop: Maildrop,
  number: number,
  most: number,
): AsyncGenerator<Uint8Array, undefined> {
  const { account, mailbox } = maildrop
  const size = maildrop.size(number)
  if (size <= smallOctets) {
    const whole = await maildrop.ahead.take(number - 1)
    if (whole) yield whole
    return
  }
  for (let from = 0; from < size; ) {
    const range = { from, to: Math.min(from + most, size) }
    const piece = await store.bytes(account, mailbox, maildrop.uid(number), range)
    if (!piece && from === 0) return
    if (!piece || piece.length === 0) throw new Error('a message is gone while it is read')
    yield piece
    from += piece.length
  }
}
