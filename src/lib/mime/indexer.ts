import type { IndexLimits, MessageIndex, MessageIndexer } from './message-index.ts'

/** Reads a message as it arrives and never throws, whatever the bytes are. */
export function createMessageIndexer(limits?: Partial<IndexLimits>): MessageIndexer {
  throw new Error(`being written ${limits}`)
}

/** For a message that is at hand as a whole. */
export function indexMessage(bytes: Uint8Array, limits?: Partial<IndexLimits>): MessageIndex {
  const indexer = createMessageIndexer(limits)
  indexer.push(bytes)
  return indexer.end()
}
