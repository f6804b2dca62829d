import type { MessageIndex } from '../../lib/mime/message-index.ts'

/** References at the end of the list are the nearest; more than these say nothing new. */
const lookedAt = 20

/**
 * What joins a message to a thread: a hash of each Message-ID it has or names, together with its base subject. Two messages
 * that share one are of one thread (RFC 8621 §3: shared ids and the same subject). 52 bits, so that a number can carry it.
 */
export function threadKeys(
  index: Pick<MessageIndex, 'messageId' | 'references' | 'inReplyTo' | 'baseSubject'>,
): number[] {
  const named = [...index.references.slice(0, 1), ...index.references.slice(-lookedAt), ...index.inReplyTo]
  const ids = new Set(index.messageId === undefined ? named : [index.messageId, ...named])
  const subject = index.baseSubject.toLowerCase()
  return [...ids].map((id) => hash(`${id}\n${subject}`))
}

/** Two FNV-1a like streams; no secret depends on it. Never 0 in practice: 0 stands for no id. */
export function hash(text: string): number {
  let high = 0x811c9dc5
  let low = 0x9747b28c
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x5bd1e995) + (high >>> 15)
  }
  high ^= low >>> 13
  return (high >>> 12) * 0x1_0000_0000 + (low >>> 0)
}
