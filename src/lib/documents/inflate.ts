import { promisify } from 'node:util'
import { createGunzip, createInflate, createInflateRaw, gunzip, inflate, inflateRaw } from 'node:zlib'

export type Deflated = 'zlib' | 'raw' | 'gzip'

const whole = { zlib: promisify(inflate), raw: promisify(inflateRaw), gzip: promisify(gunzip) }
const streams = { zlib: createInflate, raw: createInflateRaw, gzip: createGunzip }

/** Unpacks at most `most` octets. What is damaged or longer is given as far as it goes: a document may still have its text there. */
export async function inflateUpTo(bytes: Uint8Array, format: Deflated, most: number): Promise<Buffer> {
  try {
    return await whole[format](bytes, { maxOutputLength: Math.max(most, 1) })
  } catch {
    return await inflateStart(bytes, format, most)
  }
}

async function inflateStart(bytes: Uint8Array, format: Deflated, most: number): Promise<Buffer> {
  const stream = streams[format]()
  const pieces: Buffer[] = []
  let length = 0
  try {
    stream.end(bytes)
    for await (const piece of stream as AsyncIterable<Buffer>) {
      pieces.push(piece)
      length += piece.length
      if (length >= most) break
    }
  } catch {
    // Cut off or damaged: what came out before is right.
  }
  return Buffer.concat(pieces).subarray(0, most)
}
