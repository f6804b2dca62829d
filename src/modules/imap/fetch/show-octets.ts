import { unpackParts } from '../../../lib/mime/sections.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { MessageRow } from '../../../ports/mail-store.ts'
import type { InMailbox } from '../commands/command.ts'
import { findOctets, type Message, pieceOctets, type ReadOctets } from './octets.ts'
import type { FetchPlan, OctetItem } from './plan.ts'

/** Items of one message between two looks at the other clients. */
const itemsPerTurn = 16

/** One FETCH while it runs. */
export interface Fetching extends InMailbox {
  readonly plan: FetchPlan
  /** Some were expunged by others meanwhile. */
  someGone: boolean
  unknownEncoding: boolean
}

/** Whether something of this response was written before. */
export interface Separator {
  needed: boolean
}

/** The hot path of lists: nothing but header fields, which are at hand. False where it takes more than that. */
export function showHeaders(
  fetching: Fetching,
  { header, listFields }: MessageRow,
  separator: Separator,
): boolean {
  const { headers } = fetching.plan
  if (!headers) return false
  for (const { label, read, pick } of headers) {
    if (listFields !== undefined && pick) showText(fetching, label, pick(listFields), separator)
    else if (header !== undefined) showText(fetching, label, read(header), separator)
    else return false
  }
  return true
}

/** All items of one message that need its octets. */
export async function showItems(fetching: Fetching, row: MessageRow, separator: Separator): Promise<void> {
  const { session } = fetching
  const message = messageOf(fetching, row)
  for (const [index, item] of fetching.plan.octets.entries()) {
    if (index > 0 && index % itemsPerTurn === 0) await nextTurn()
    // A few thousand items of one large message are many times its octets: none is read before the client took those before.
    if (session.out.full) await session.ready()
    if (session.out.gone) return
    await showItem(fetching, item, message, separator)
  }
}

async function showItem(
  fetching: Fetching,
  item: OctetItem,
  message: Message,
  separator: Separator,
): Promise<void> {
  const found = await findOctets(item, message)
  switch (found.kind) {
    case 'range':
      return await showRange(fetching, item, found, message.read, separator)
    case 'bytes':
      return showBytes(fetching, item.label, found.bytes, separator, item.kind === 'binary')
    case 'text':
      return showText(fetching, item.label, found.text, separator)
    case 'number':
      return say(fetching, `${item.label} ${found.value}`, separator)
    case 'nothing':
      return sayNothing(fetching, item, separator)
    case 'gone':
      fetching.someGone = true
      return sayNothing(fetching, item, separator)
    case 'unknown-encoding':
      fetching.unknownEncoding = true
      return sayNothing(fetching, item, separator)
  }
}

/** RFC 9051 §9 msg-att: there is at least one item, and a size is a number. */
function sayNothing(fetching: Fetching, { kind, label }: OctetItem, separator: Separator): void {
  say(fetching, `${label} ${kind === 'binary-size' ? '0' : 'NIL'}`, separator)
}

function messageOf({ selected: { at } }: Fetching, row: MessageRow): Message {
  const { uid, size = 0, header } = row
  let parts = row.parts === undefined ? undefined : unpackParts(row.parts)
  return {
    size,
    header,
    read: (from, to) => at.bytes(uid, { from, to }),
    parts: async () => {
      parts ??= unpackParts((await at.rows([uid], ['parts']))[0]?.parts ?? '[]')
      return parts
    },
  }
}

function say({ session }: Fetching, text: string, separator: Separator): void {
  session.out.text(separator.needed ? ` ${text}` : text)
  separator.needed = true
}

function showText(fetching: Fetching, label: string, text: string, separator: Separator): void {
  say(fetching, text === '' ? `${label} ""` : `${label} {${text.length}}\r\n${text}`, separator)
}

export function showBytes(
  fetching: Fetching,
  label: string,
  bytes: Uint8Array,
  separator: Separator,
  binary = false,
): void {
  if (bytes.length === 0) {
    say(fetching, `${label} ""`, separator)
    return
  }
  // RFC 3516 §4.2.1: octets that no literal may carry go as a literal8.
  const mark = binary && bytes.includes(0) ? '~' : ''
  say(fetching, `${label} ${mark}{${bytes.length}}\r\n`, separator)
  fetching.session.out.bytes(bytes)
}

/** A large literal goes out piece by piece, as the client reads. */
async function showRange(
  fetching: Fetching,
  item: OctetItem,
  { from, to }: { from: number; to: number },
  read: ReadOctets,
  separator: Separator,
): Promise<void> {
  const { session } = fetching
  const first = await read(from, Math.min(from + pieceOctets, to))
  if (!first) {
    fetching.someGone = true
    return say(fetching, `${item.label} NIL`, separator)
  }
  if (to - from <= pieceOctets)
    return showBytes(fetching, item.label, first, separator, item.kind === 'binary')
  const mark = item.kind === 'binary' ? '~' : ''
  say(fetching, `${item.label} ${mark}{${to - from}}\r\n`, separator)
  let piece: Uint8Array | undefined = first
  for (let at = from; at < to; ) {
    // The length is promised: where the octets end early, nothing but the end of the connection can say so.
    if (!piece || piece.length === 0) return session.abort()
    session.out.bytes(piece)
    at += piece.length
    await session.ready()
    if (session.out.gone) return
    if (at < to) piece = await read(at, Math.min(at + pieceOctets, to))
  }
}
