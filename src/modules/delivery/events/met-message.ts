import { keywordSetOf, systemFlagsOf } from '../../../lib/flags.ts'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import { unpackParts } from '../../../lib/mime/sections.ts'
import type { MailReader, Uid } from '../../../ports/mail-store.ts'
import type { ByteRange } from '../../../ports/message.ts'
import type { SeenMessage } from '../rules/facts.ts'
import type { ScriptRun } from './prepare.ts'

/** A message as a script finds it in its mailbox. */
export interface MetMessage extends SeenMessage {
  readonly uid: Uid
  readonly flags: readonly string[]
  readonly receivedAt: number
}

type Store = Pick<MailReader, 'image' | 'rows' | 'bytes' | 'keywordSets'>

const pieceOctets = 1_048_576

/** Undefined where it is gone meanwhile. */
export async function meet(
  store: Store,
  { event, script }: ScriptRun,
  uid: Uid,
): Promise<MetMessage | undefined> {
  const { owner, mailbox } = event
  const image = await store.image(owner, mailbox)
  const place = image ? image.uids.indexOf(uid) : -1
  const [row] = await store.rows(owner, mailbox, [uid], ['size', 'receivedAt', 'parts'])
  if (!image || place < 0 || !row?.parts) return undefined
  const { size = 0, receivedAt = 0 } = row
  const parts = unpackParts(row.parts)
  const headerBytes = parts[0]?.bodyStart ?? 0
  const pieces: Uint8Array[] = []
  const range = { from: 0, to: script.needsBody ? size : headerBytes }
  for await (const piece of storedPieces(store, { owner, mailbox, uid }, range)) pieces.push(piece)
  const bytes = Buffer.concat(pieces)
  // Where its parts are was found out when it came.
  const index = { ...indexMessage(bytes.subarray(0, headerBytes)), size, parts }
  return { uid, flags: await namesOf(store, image.flags[place] ?? 0), receivedAt, index, bytes }
}

export async function* storedPieces(
  store: Pick<MailReader, 'bytes'>,
  { owner, mailbox, uid }: Pick<ScriptRun['event'], 'owner' | 'mailbox'> & { readonly uid: Uid },
  { from, to }: ByteRange,
): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; at += pieceOctets) {
    const range = { from: at, to: Math.min(to, at + pieceOctets) }
    const piece = await store.bytes(owner, mailbox, uid, range)
    if (!piece) throw new Error(`the message ${uid} has gone`)
    yield Uint8Array.from(piece)
  }
}

export function hasFlags({ flags }: MetMessage, others: readonly string[]): boolean {
  return flags.length === others.length && without(flags, others).length === 0
}

/** Case does not matter. */
export function without(flags: readonly string[], others: readonly string[]): string[] {
  const gone = new Set(others.map((flag) => flag.toLowerCase()))
  return flags.filter((flag) => !gone.has(flag.toLowerCase()))
}

async function namesOf(store: Store, packed: number): Promise<readonly string[]> {
  const [keywords = []] = await store.keywordSets([keywordSetOf(packed)])
  return [...systemFlagsOf(packed), ...keywords]
}
