import { randomUUID } from 'node:crypto'
import type { ByteRange, MessageBytes, MessageRef } from '../../ports/message.ts'
import type { Blobs } from './blobs.ts'
import { readBlobRange } from './body-bytes.ts'
import type { Compression } from './codec.ts'
import { Draft, type SpoolFacts } from './drafts.ts'
import { codecs } from './operations.ts'
import { tryLater } from './try-later.ts'

export interface SealedSpools {
  facts(spool: string): SpoolFacts | undefined
  /** The store has taken it over, or thrown it away. */
  forget(spool: string): void
}

interface Receiving {
  readonly blobs: Blobs
  readonly compression: Compression
  readonly onDiskFull: () => void
}

/** Messages that are still arriving, and those sealed but not yet taken over. */
export function createMessageBytes({ blobs, compression, onDiskFull }: Receiving): {
  bytes: MessageBytes
  spools: SealedSpools
} {
  const drafts = new Map<string, Draft>()
  const sealed = new Map<string, SpoolFacts>()
  const draftOf = (id: string) => {
    const draft = drafts.get(id)
    if (!draft) throw new Error(`no draft ${id}`)
    return draft
  }
  const trouble = (error: unknown) => {
    const answer = tryLater(error)
    if (answer.reason === 'disk-full') onDiskFull()
    return answer
  }
  const bytes: MessageBytes = {
    async begin() {
      const id = randomUUID()
      drafts.set(id, new Draft(blobs, compression))
      return id
    },
    async write(id, chunk) {
      try {
        await draftOf(id).write(chunk)
        return { kind: 'written' }
      } catch (error) {
        return trouble(error)
      }
    },
    async seal(id) {
      const draft = draftOf(id)
      try {
        const done = await draft.seal()
        drafts.delete(id)
        if (done.kind === 'inline') return { kind: 'sealed', ref: done }
        const { facts, ...ref } = done
        sealed.set(ref.spool, facts)
        return { kind: 'sealed', ref }
      } catch (error) {
        return trouble(error)
      }
    },
    async discard(id) {
      const draft = drafts.get(id)
      drafts.delete(id)
      await draft?.discard()
    },
    read: (ref, range) => readRef(blobs, sealed, ref, range),
    async release(ref) {
      if (ref.kind === 'inline' || !sealed.delete(ref.spool)) return
      await blobs.removeSpool(ref.spool)
      // It may have got its place before the transaction failed.
      await blobs.remove(ref.spool)
    },
  }
  return { bytes, spools: { facts: (spool) => sealed.get(spool), forget: (spool) => sealed.delete(spool) } }
}

async function readRef(
  blobs: Blobs,
  sealed: ReadonlyMap<string, SpoolFacts>,
  ref: MessageRef,
  { from, to }: ByteRange,
): Promise<Uint8Array> {
  if (ref.kind === 'inline') return ref.bytes.subarray(from, to)
  const facts = sealed.get(ref.spool)
  if (!facts) throw new Error(`no sealed message ${ref.spool}`)
  const file = await blobs.openSpool(ref.spool)
  try {
    return await readBlobRange(file, spoolPlace(ref.size, facts), from, to)
  } finally {
    await file.close()
  }
}

function spoolPlace(size: number, { frames }: SpoolFacts) {
  return frames ? { codec: codecs.zstd, size, frames } : { codec: codecs.plain, size, frames: [] }
}
