import type { FetchMessageObject, ImapFlow } from 'imapflow'
import { type Folder, foldersOf } from '../job.ts'
import type { Letter, Taken } from '../taker.ts'
import { troubles } from '../trouble.ts'
import type { Visit } from '../visit.ts'
import { imapTrouble, signIn } from './client.ts'

/** Messages asked for in one command. */
const window = 50
/** What comes with the list; the rest of longer ones is asked for piece by piece. */
const firstOctets = 128 * 1024
const pieceOctets = 1024 * 1024
const flagsKept: ReadonlySet<string> = new Set([
  '\\Seen',
  '\\Answered',
  '\\Flagged',
  '\\Draft',
  '$Forwarded',
  '$MDNSent',
])

/** Takes what is new in the folders of an IMAP mailbox. */
export async function collectByImap(visit: Visit): Promise<void> {
  const { job, place, signal } = visit.parts
  let client: ImapFlow | undefined
  try {
    client = await signIn(place, job, signal)
    for (const folder of foldersOf(job.folders)) await collectFolder(visit, client, folder)
    await client.logout()
  } catch (cause) {
    visit.mayGoOn()
    throw imapTrouble(cause, place)
  } finally {
    client?.close()
  }
}

/** A folder, and what of it is not read yet. */
interface Reading {
  readonly visit: Visit
  readonly client: ImapFlow
  readonly folder: Folder
  readonly validity: string
}

async function collectFolder(visit: Visit, client: ImapFlow, folder: Folder): Promise<void> {
  const { job, origin, bookmarks } = visit.parts
  const opened = await open(visit, client, folder)
  const validity = String(opened.uidValidity)
  const mark = await bookmarks.readUpTo(origin, folder.there)
  // RFC 9051 §2.3.1.1: another validity, other numbers. What was taken before, its octets tell.
  const last = mark?.validity === validity ? mark.uid : 0
  if (opened.exists === 0 || opened.uidNext === last + 1) return
  const found = await client.search({ uid: `${last + 1}:*` }, { uid: true })
  // `*` is the last message even where its number is lower.
  const uids = [...new Set(found || [])].filter((uid) => uid > last).toSorted((a, b) => a - b)
  const reading = { visit, client, folder, validity }
  for (let at = 0; at < uids.length; at += window) {
    visit.mayGoOn()
    const some = uids.slice(at, at + window)
    const settled = new Map<number, Taken['kind']>()
    try {
      await collectSome(reading, some, settled)
      for (const uid of some) if (!settled.has(uid)) settled.set(uid, 'left')
    } finally {
      // Also where it ended midway: what was accepted is not asked for again.
      await settle(reading, some, settled, job.keep)
    }
  }
}

async function open({ parts: { job, place } }: Visit, client: ImapFlow, { there }: Folder) {
  try {
    return await client.mailboxOpen(there, { readOnly: job.keep })
  } catch (cause) {
    if (cause instanceof Error && 'mailboxMissing' in cause) throw troubles.folder(place, there)
    if (cause instanceof Error && 'serverResponseCode' in cause && cause.serverResponseCode === 'NONEXISTENT')
      throw troubles.folder(place, there)
    throw cause
  }
}

async function collectSome(
  reading: Reading,
  uids: readonly number[],
  settled: Map<number, Taken['kind']>,
): Promise<void> {
  const { visit, client } = reading
  const { taker } = visit.parts
  const expected = new Set(uids)
  const long: FetchMessageObject[] = []
  const note = (uid: number, taken: Taken) => {
    settled.set(uid, taken.kind)
    visit.note(taken)
  }
  const query = { uid: true, flags: true, internalDate: true, size: true, source: { maxLength: firstOctets } }
  for await (const message of client.fetch(uids.join(','), query, { uid: true })) {
    const { uid, size = 0, source } = message
    // A server may tell of any message at any time, and of one twice.
    if (!expected.delete(uid)) continue
    visit.mayGoOn()
    if (message.flags?.has('\\Deleted')) settled.set(uid, 'left')
    else if (size > taker.largest) note(uid, taker.tooLarge(size))
    else if (source === undefined || source.length >= firstOctets)
      long.push({ ...message, source: undefined })
    else note(uid, await taker.take(letterOf(reading, message), once(source)))
  }
  for (const message of long) {
    visit.mayGoOn()
    note(message.uid, await taker.take(letterOf(reading, message), pieces(reading, message.uid)))
  }
}

async function* once(octets: Uint8Array): AsyncIterable<Uint8Array> {
  yield octets
}

/** Piece by piece, however long the server says it is. RFC 9051 §6.4.5: `<partial>`. */
async function* pieces({ visit, client }: Reading, uid: number): AsyncIterable<Uint8Array> {
  for (let start = 0; ; start += pieceOctets) {
    const found = await client.fetchOne(
      String(uid),
      { source: { start, maxLength: pieceOctets } },
      { uid: true },
    )
    if (!found || found.source === undefined) {
      // It went while it was being read.
      if (start === 0) throw troubles.cut(visit.parts.place)
      return
    }
    yield found.source
    if (found.source.length < pieceOctets) return
  }
}

function letterOf({ folder, validity }: Reading, { uid, flags, internalDate }: FetchMessageObject): Letter {
  const at = internalDate === undefined ? Number.NaN : new Date(internalDate).getTime()
  return {
    place: `${folder.there}\0${validity}\0${uid}`,
    mailbox: folder.here,
    flags: [...(flags ?? [])].filter((flag) => flagsKept.has(flag)),
    receivedAt: at > 0 ? at : undefined,
  }
}

/** First they go there, and then they count as read: who comes back after a crash in between deletes what was taken. */
async function settle(
  { visit, client, folder, validity }: Reading,
  uids: readonly number[],
  settled: ReadonlyMap<number, Taken['kind']>,
  keep: boolean,
): Promise<void> {
  const { origin, bookmarks } = visit.parts
  const taken = uids.filter((uid) => settled.get(uid) === 'taken')
  if (!keep && taken.length > 0) {
    if (!client.usable) return
    if (!(await client.messageDelete(taken.join(','), { uid: true }))) throw troubles.undeleted()
  }
  const firstOpen = uids.findIndex((uid) => !settled.has(uid))
  const last = uids[(firstOpen < 0 ? uids.length : firstOpen) - 1]
  if (last !== undefined) await bookmarks.setReadUpTo(origin, folder.there, { validity, uid: last })
}
