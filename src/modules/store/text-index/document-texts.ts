import type { MessagePart } from '../../../lib/mime/message-index.ts'
import type { ReadOctets } from '../../../lib/search/message-texts.ts'

/** The texts inside the documents of a message, folded. */
export async function documentTexts(
  _parts: readonly MessagePart[],
  _read: ReadOctets,
): Promise<readonly string[]> {
  return []
}
