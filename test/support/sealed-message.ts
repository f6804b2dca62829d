import { indexMessage } from '../../src/lib/mime/indexer.ts'
import type { MessageRef } from '../../src/ports/message.ts'

/** A finished message; one character of `text` is one octet. */
export function sealedMessage(text: string): MessageRef {
  const bytes = new Uint8Array(Buffer.from(text, 'latin1'))
  return { kind: 'inline', size: bytes.length, index: indexMessage(bytes), bytes }
}
