import type { MailboxId, MailReader, Uid } from '../../ports/mail-store.ts'
import type { ByteRange } from '../../ports/message.ts'
import type { Blobs } from './blobs.ts'
import { type BodyPlace, readBlobRange, rowBytes } from './body-bytes.ts'
import { unpackFrames } from './codec.ts'
import type { BodyColumns, ReadSql, WholeColumns } from './read-sql.ts'
import { ascending } from './uids.ts'

const rowsPerStep = 200

interface Reading {
  readonly sql: ReadSql
  readonly blobs: Blobs
}

/** A message as it stands in the mailbox: the recipient's trace headers, then the shared body. */
export async function readMessage(
  { sql, blobs }: Reading,
  mailbox: MailboxId,
  uid: Uid,
  range?: ByteRange,
): Promise<Uint8Array | undefined> {
  const place = sql.bodyPlace.get(mailbox, uid)
  return place && readPlaced(blobs, place, () => sql.body.get(mailbox, uid), range)
}

/** `place` is all but the octets of the rest, which `withRest` fetches where they are needed. */
export async function readPlaced(
  blobs: Blobs,
  place: BodyColumns,
  withRest: () => BodyColumns | undefined,
  range?: ByteRange,
): Promise<Uint8Array | undefined> {
  const [, prefix, size, , blob, , head] = place
  const start = Buffer.from(prefix)
  const from = Math.max(range?.from ?? 0, 0)
  const to = Math.min(range?.to ?? start.length + size, start.length + size)
  if (from >= to) return new Uint8Array()
  if (to <= start.length + (head?.length ?? 0)) return slice([start, ...(head ? [head] : [])], from, to)
  if (blob !== null) return readFromBlob(blobs, place, start, from, to)
  const whole = withRest()
  return whole && slice(pieces(whole, start), from, to)
}

/** Whole messages, ascending, up to about `maxBytes` in all. */
export async function readMessages(
  reading: Reading,
  mailbox: MailboxId,
  uids: readonly Uid[],
  maxBytes: number,
): Promise<Awaited<ReturnType<MailReader['bodies']>>> {
  const found: { uid: Uid; bytes: Uint8Array }[] = []
  const wanted = ascending(uids)
  let left = maxBytes
  for (let at = 0; at < wanted.length && (left > 0 || found.length === 0); ) {
    const first = wanted[at] ?? 0
    const run = runFrom(wanted, at)
    const rows = readRun(reading.sql, mailbox, first, run, left)
    for (const [uid, whole] of rows) {
      const bytes = whole ?? (await readMessage(reading, mailbox, uid))
      if (bytes) found.push({ uid, bytes })
      left -= bytes?.length ?? 0
    }
    // After the last one read the rest of the run is looked at again: it did not fit, or does not exist.
    at += rows.length === 0 ? run : (rows.at(-1)?.[0] ?? first) - first + 1
  }
  return found
}

function readRun(sql: ReadSql, mailbox: MailboxId, first: Uid, length: number, room: number): WholeColumns[] {
  const last = first + length - 1
  return sql.wholes.all(mailbox, first, last, fittingCount(sql, mailbox, first, last, room))
}

/** How many consecutive uids stand from `at` on: they are one walk along the index. */
function runFrom(uids: readonly Uid[], at: number): number {
  let length = 1
  while (length < rowsPerStep && uids[at + length] === (uids[at] ?? 0) + length) length++
  return length
}

/** How many messages from `first` on stay within `room`; at least one. */
function fittingCount(sql: ReadSql, mailbox: MailboxId, first: Uid, last: Uid, room: number): number {
  if (first === last || (sql.sizeOfAll.get(mailbox, first, last) ?? 0) <= room) return last - first + 1
  let left = room
  let count = 0
  for (const size of sql.sizes.all(mailbox, first, last, rowsPerStep)) {
    if (count > 0 && size > left) break
    left -= size
    count++
  }
  return Math.max(count, 1)
}

async function readFromBlob(
  blobs: Blobs,
  columns: BodyColumns,
  prefix: Buffer,
  from: number,
  to: number,
): Promise<Uint8Array> {
  const file = await blobs.open(columns[4] ?? '')
  try {
    const shift = prefix.length
    const body = await readBlobRange(file, placeOf(columns), Math.max(from - shift, 0), to - shift)
    return from < shift ? Buffer.concat([prefix.subarray(from), body]) : body
  } finally {
    await file.close()
  }
}

function placeOf([, , size, codec, , frames]: BodyColumns): BodyPlace {
  return { size, codec, frames: frames ? unpackFrames(frames) : [] }
}

function pieces(columns: BodyColumns, prefix: Buffer): Uint8Array[] {
  return [prefix, ...rowBytes(placeOf(columns), columns[6], columns[7])]
}

/** The octets `[from, to)` of the pieces laid end to end, in a buffer of their own. */
function slice(parts: readonly Uint8Array[], from = 0, to = Number.POSITIVE_INFINITY): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const bytes = Buffer.allocUnsafeSlow(Math.max(Math.min(to, length) - from, 0))
  let start = 0
  for (const part of parts) {
    const begin = Math.max(from - start, 0)
    const end = Math.min(to - start, part.length)
    if (begin < end)
      bytes.set(begin === 0 && end === part.length ? part : part.subarray(begin, end), start + begin - from)
    start += part.length
  }
  return bytes
}
