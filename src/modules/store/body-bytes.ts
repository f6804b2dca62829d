import type { FileHandle } from 'node:fs/promises'
import { readRange } from './blobs.ts'
import { decompress, frameBytes } from './codec.ts'
import { codecs } from './operations.ts'

/** How the octets of a body lie on disk. */
export interface BodyPlace {
  readonly codec: number
  readonly size: number
  /** Octets of each compressed piece of a file. */
  readonly frames: readonly number[]
}

/** Octets `[from, to)` of a body in a file, as they were before compression. */
export async function readBlobRange(
  file: FileHandle,
  place: BodyPlace,
  from: number,
  to: number,
): Promise<Uint8Array> {
  const end = Math.min(to, place.size)
  if (place.codec === codecs.plain) return readRange(file, from, end)
  const lengths = place.frames
  const first = Math.floor(from / frameBytes)
  let offset = lengths.slice(0, first).reduce((sum, length) => sum + length, 0)
  const pieces: Uint8Array[] = []
  for (let frame = first; frame * frameBytes < end; frame++) {
    const length = lengths[frame]
    if (length === undefined) break
    const raw = decompress(await readRange(file, offset, offset + length), frameBytes)
    const start = frame * frameBytes
    pieces.push(raw.subarray(Math.max(from - start, 0), Math.min(end - start, raw.length)))
    offset += length
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
}

/** The octets of a body in a row. */
export function rowBytes(place: BodyPlace, head: Uint8Array | null, rest: Uint8Array | null): Uint8Array[] {
  const start = head ? [head] : []
  if (!rest || rest.length === 0) return start
  if (place.codec === codecs.plain) return [...start, rest]
  return [...start, decompress(rest, place.size - (head?.length ?? 0))]
}
