import { withoutExtensions } from '../../lib/mime/body-structure.ts'
import { packListFields } from '../../lib/mime/list-fields.ts'
import type { IndexedMailbox, MessageIndex, MessagePart } from '../../lib/mime/message-index.ts'
import { asBuffer } from '../../lib/mime/octets.ts'
import { packParts } from '../../lib/mime/sections.ts'
import type { MessageRef } from '../../ports/message.ts'
import type { Blobs } from './blobs.ts'
import { type Compression, checksum, compress, packFrames } from './codec.ts'
import { longestHead } from './drafts.ts'
import type { SealedSpools } from './message-bytes.ts'
import { packMessageIds } from './message-ids.ts'
import { codecs, type StoredBody, type StoredIndex } from './operations.ts'
import { threadKeys } from './thread-keys.ts'

/** Smaller rests do not get smaller. */
const worthCompressing = 512

interface Taking {
  readonly blobs: Blobs
  readonly spools: SealedSpools
  readonly compression: Compression
}

/** Turns a sealed message into what its row holds; a spool file gets its place. Throws what the file system says. */
export async function storedBody(
  taking: Taking,
  ref: MessageRef,
  trace: string | undefined,
): Promise<StoredBody> {
  return ref.kind === 'inline' ? rowBody(taking.compression, ref, trace) : blobBody(taking, ref, trace)
}

async function rowBody(
  compression: Compression,
  { bytes, size, index }: Extract<MessageRef, { kind: 'inline' }>,
  trace: string | undefined,
): Promise<StoredBody> {
  const headLength = index.headerBytes <= longestHead ? index.headerBytes : 0
  const head = headLength > 0 ? bytes.subarray(0, headLength) : undefined
  const rest = bytes.subarray(headLength)
  const plain = { size, crc: checksum(bytes), blob: undefined, frames: undefined, trace, head }
  if (!compression || rest.length < worthCompressing) return { ...plain, codec: codecs.plain, rest }
  const packed = await compress(rest, compression)
  return packed.length < rest.length
    ? { ...plain, codec: codecs.zstd, rest: new Uint8Array(packed) }
    : { ...plain, codec: codecs.plain, rest }
}

async function blobBody(
  { blobs, spools }: Taking,
  { spool, size }: Extract<MessageRef, { kind: 'spooled' }>,
  trace: string | undefined,
): Promise<StoredBody> {
  const facts = spools.facts(spool)
  if (!facts) throw new Error(`no sealed message ${spool}`)
  const { head, crc, frames } = facts
  const blob = await blobs.place(spool)
  return {
    size,
    crc,
    codec: frames ? codecs.zstd : codecs.plain,
    blob,
    frames: frames && packFrames(frames),
    trace,
    head,
    rest: undefined,
  }
}

/** The part of the row that an account has for itself. */
export function storedIndex(index: MessageIndex, prefix: string, { head }: StoredBody): StoredIndex {
  const shift = Buffer.byteLength(prefix)
  return {
    size: index.size + shift,
    attachments: index.attachments,
    prefix,
    envelope: index.envelope,
    structure: index.bodyStructure,
    basicStructure: withoutExtensions(index.bodyStructure),
    parts: packParts(shift === 0 ? index.parts : index.parts.map((part) => shifted(part, shift))),
    preview: index.preview,
    subject: index.subject,
    fromText: index.fromText,
    toText: index.toText,
    ccText: index.ccText,
    bccText: index.bccText,
    sentAt: index.sentAt,
    sentDay: index.sentDay,
    messageId: index.messageId,
    baseSubject: index.baseSubject,
    isReply: index.isReply,
    sortFrom: index.from?.local ?? '',
    sortTo: index.to?.local ?? '',
    sortCc: index.cc?.local ?? '',
    displayFrom: displayed(index.from),
    displayTo: displayed(index.to),
    messageIds: packMessageIds(index),
    threadKeys: threadKeys(index),
    listFields:
      head && packListFields(oneCharacterPerOctet(Buffer.from(prefix)) + oneCharacterPerOctet(head)),
  }
}

const oneCharacterPerOctet = (octets: Uint8Array): string => asBuffer(octets).toString('latin1')

/** The header of the message itself begins before the prefix, all else behind it. */
function shifted(part: MessagePart, shift: number): MessagePart {
  return {
    ...part,
    headerStart: part.parent === -1 ? part.headerStart : part.headerStart + shift,
    bodyStart: part.bodyStart + shift,
    bodyEnd: part.bodyEnd + shift,
  }
}

/** RFC 5957 §3: the name where there is one. */
function displayed(mailbox: IndexedMailbox | undefined): string {
  if (!mailbox) return ''
  return mailbox.name ?? (mailbox.domain === '' ? mailbox.local : `${mailbox.local}@${mailbox.domain}`)
}
