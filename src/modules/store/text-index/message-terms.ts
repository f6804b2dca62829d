import type { MessagePart } from '../../../lib/mime/message-index.ts'
import { messageTexts, type ReadOctets } from '../../../lib/search/message-texts.ts'
import { addTerms } from '../../../lib/search/words.ts'
import type { MessageTerms } from './segment-builder.ts'

/** More different terms have no meaning to anybody; such a message is read when it is searched. */
const mostTerms = 300_000

/** The terms of a message and of the documents in it; `too-many` where it is better read. */
export async function messageTerms(
  parts: readonly MessagePart[],
  read: ReadOctets,
  documents: readonly string[],
): Promise<MessageTerms | 'too-many'> {
  const terms: MessageTerms = {
    'body plain': new Set(),
    'body exact': new Set(),
    'header plain': new Set(),
    'header exact': new Set(),
  }
  for await (const { where, text } of messageTexts(parts, read)) {
    const plain = terms[`${where} plain`]
    addTerms(text, plain, terms[`${where} exact`])
    if (plain.size > mostTerms) return 'too-many'
  }
  for (const text of documents) {
    addTerms(text, terms['body plain'], terms['body exact'])
    if (terms['body plain'].size > mostTerms) return 'too-many'
  }
  return terms
}
