import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import { BodyHash, type Canonical } from './canonical.ts'

export interface BodyHashWanted {
  readonly canonical: Canonical
  /** Undefined: the whole body. */
  readonly octets: number | undefined
}

export interface BodyHashes {
  of(wanted: BodyHashWanted): { readonly hash: Buffer; readonly octets: number } | undefined
}

/** A piece is hashed in about a millisecond; between two others have their turn. */
const pieceOctets = 128 * 1024

const keyOf = ({ canonical, octets }: BodyHashWanted) => `${canonical} ${octets ?? ''}`

/** Every hash of the body that is wanted, in one pass over it. */
export async function hashBody(
  bytes: Pick<MessageBytes, 'read'>,
  message: MessageRef,
  wanted: readonly BodyHashWanted[],
): Promise<BodyHashes> {
  const hashes = new Map(wanted.map((each) => [keyOf(each), new BodyHash(each.canonical, each.octets)]))
  if (hashes.size > 0) {
    const { size } = message
    for (let from = message.index.headerBytes; from < size; from += pieceOctets) {
      const piece = await bytes.read(message, { from, to: Math.min(from + pieceOctets, size) })
      for (const hash of hashes.values()) hash.update(piece)
    }
  }
  const digests = new Map([...hashes].map(([key, hash]) => [key, hash.digest()]))
  return { of: (each) => digests.get(keyOf(each)) }
}
