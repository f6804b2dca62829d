import { promisify } from 'node:util'
import { constants, crc32, zstdCompress, zstdDecompressSync } from 'node:zlib'

const compressAsync = promisify(zstdCompress)

/** A blob is compressed in pieces of this many octets, so that a range does not unpack what lies before it. */
export const frameBytes = 1024 * 1024

/** Undefined: nothing is compressed. Bodies written before a change of the setting stay readable. */
export type Compression = { readonly level: number } | undefined

/** Runs on the thread pool. */
export function compress(bytes: Uint8Array, { level }: { level: number }): Promise<Uint8Array> {
  return compressAsync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } })
}

/** Throws on damaged input. `size` bounds what it may grow to. */
export function decompress(bytes: Uint8Array, size: number): Uint8Array {
  return zstdDecompressSync(bytes, { maxOutputLength: Math.max(size, 1) })
}

export function checksum(bytes: Uint8Array, before = 0): number {
  return crc32(bytes, before)
}

/** Lengths of compressed pieces as the row keeps them. */
export function packFrames(lengths: readonly number[]): Uint8Array {
  const packed = Buffer.allocUnsafe(lengths.length * 4)
  for (const [index, length] of lengths.entries()) packed.writeUInt32LE(length, index * 4)
  return packed
}

export function unpackFrames(packed: Uint8Array): number[] {
  const buffer = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  return Array.from({ length: buffer.length / 4 }, (_, index) => buffer.readUInt32LE(index * 4))
}
