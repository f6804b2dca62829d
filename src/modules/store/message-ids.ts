import { readHeader } from '../../lib/mime/header.ts'
import type { MessageIndex } from '../../lib/mime/message-index.ts'
import { readMessageFields, summarise } from '../../lib/mime/summary.ts'
import { hash, threadKeys } from './thread-keys.ts'

const octetsPerKey = 8

/**
 * Keys of the message's own id (0 where it has none) and of those above it, the oldest first: what References names, or else
 * the first of In-Reply-To. RFC 5256 §3 REFERENCES, step 1.
 */
export function packMessageIds(
  index: Pick<MessageIndex, 'messageId' | 'references' | 'inReplyTo'>,
): Uint8Array {
  const above = index.references.length > 0 ? index.references : index.inReplyTo.slice(0, 1)
  const keys = [index.messageId === undefined ? 0 : hash(index.messageId), ...above.map(hash)]
  const packed = Buffer.allocUnsafeSlow(keys.length * octetsPerKey)
  for (const [at, key] of keys.entries()) {
    packed.writeUInt32LE(key >>> 0, at * octetsPerKey)
    packed.writeUInt32LE(Math.floor(key / 0x1_0000_0000), at * octetsPerKey + 4)
  }
  return packed
}

export function unpackMessageIds(packed: Uint8Array): number[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const keys: number[] = []
  for (let at = 0; at < packed.length; at += octetsPerKey) {
    keys.push(view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true))
  }
  return keys
}

/** The same for a message whose row does not hold them. */
export function messageIdsOfHeader(head: Uint8Array): number[] {
  return unpackMessageIds(packMessageIds(summarise(readMessageFields(readHeader(head)))))
}

/** `threadKeys` of a message that is there already. */
export function threadKeysOfHeader(head: Uint8Array): number[] {
  return threadKeys(summarise(readMessageFields(readHeader(head))))
}
