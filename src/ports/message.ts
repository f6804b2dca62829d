import type { MessageIndex } from '../lib/mime/message-index.ts'
import type { TryLater } from './runtime.ts'

/**
 * A finished, immutable message on its way to the store. Small ones carry their bytes; larger ones lie in a spool file that
 * `accept` or `append` renames into place. `index` was computed while the bytes streamed in.
 */
export type MessageRef =
  | {
      readonly kind: 'inline'
      readonly size: number
      readonly index: MessageIndex
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'spooled'; readonly size: number; readonly index: MessageIndex; readonly spool: string }

export interface ByteRange {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/**
 * Takes the bytes of a message as they arrive, before anybody decides what becomes of it. Drafts left behind by a crash are
 * swept at boot. Every draft ends in `seal` or `discard`; every sealed ref in the store or in `release`.
 */
export interface MessageBytes {
  begin(): Promise<string>
  /** The chunk is taken over; the caller must not write to it afterwards. */
  write(draft: string, chunk: Uint8Array): Promise<{ kind: 'written' } | TryLater>
  seal(draft: string): Promise<{ kind: 'sealed'; ref: MessageRef } | TryLater>
  discard(draft: string): Promise<void>
  /** Bytes of a sealed message that is not in the store yet. */
  read(ref: MessageRef, range: ByteRange): Promise<Uint8Array>
  /** Gives a sealed message up: refused, or a command that failed. */
  release(ref: MessageRef): Promise<void>
}
