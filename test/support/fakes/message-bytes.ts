import { indexMessage } from '../../../src/lib/mime/indexer.ts'
import type { MessageBytes, MessageRef } from '../../../src/ports/message.ts'
import type { TryLater } from '../../../src/ports/runtime.ts'

/** Keeps messages in memory and tells how many drafts and sealed messages nobody took care of. */
export interface FakeMessageBytes extends MessageBytes {
  /** From now on every `write` gives this answer. */
  failing: TryLater | undefined
  readonly open: () => { drafts: number; sealed: number }
  taken(ref: MessageRef): void
}

export function createFakeMessageBytes(): FakeMessageBytes {
  const drafts = new Map<string, Uint8Array[]>()
  const sealed = new Set<Uint8Array>()
  let count = 0
  const bytesOf = (ref: MessageRef) => (ref.kind === 'inline' ? ref.bytes : new Uint8Array())
  return {
    failing: undefined,
    open: () => ({ drafts: drafts.size, sealed: sealed.size }),
    taken: (ref) => void sealed.delete(bytesOf(ref)),
    async begin() {
      drafts.set(String(++count), [])
      return String(count)
    },
    async write(draft, chunk) {
      if (this.failing) return this.failing
      // A copy: whoever gave the chunk may not count on it any more, and may not change it either.
      drafts.get(draft)?.push(Uint8Array.from(chunk))
      return { kind: 'written' }
    },
    async seal(draft) {
      const bytes = new Uint8Array(Buffer.concat(drafts.get(draft) ?? []))
      drafts.delete(draft)
      sealed.add(bytes)
      return {
        kind: 'sealed',
        ref: { kind: 'inline', size: bytes.length, index: indexMessage(bytes), bytes },
      }
    },
    async discard(draft) {
      drafts.delete(draft)
    },
    read: async (ref, { from, to }) => bytesOf(ref).subarray(from, to),
    async release(ref) {
      sealed.delete(bytesOf(ref))
    },
  }
}
