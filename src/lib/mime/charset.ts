import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import iconv from 'iconv-lite'
import { asBuffer } from './octets.ts'

const decoders = new Map<string, TextDecoder>()

/** Names in mail that mean "whatever it is": read by the look of the bytes. */
const guessed = new Set([
  '',
  'us-ascii',
  'ascii',
  'ansi_x3.4-1968',
  'unknown-8bit',
  'x-unknown',
  'unknown',
  '8bit',
])

/** Bytes as text. A charset that nobody knows is read as UTF-8, and where that fails as windows-1252. */
export function decodeCharset(bytes: Uint8Array, charset: string | undefined): string {
  const label = charset === undefined ? '' : charset.trim().toLowerCase()
  if (label === 'utf-8' || label === 'utf8') return asBuffer(bytes).toString('utf8')
  if (guessed.has(label)) return guess(bytes)
  const decoder = decoderOf(label)
  if (decoder !== undefined) return decoder.decode(bytes)
  return iconv.encodingExists(label) ? iconv.decode(asBuffer(bytes), label) : guess(bytes)
}

/** A header or body with raw 8-bit text says by its bytes whether it is UTF-8. */
export function guess(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return asBuffer(bytes).toString('utf8')
  return decoderOf('windows-1252')?.decode(bytes) ?? asBuffer(bytes).toString('latin1')
}

function decoderOf(label: string): TextDecoder | undefined {
  const known = decoders.get(label)
  if (known !== undefined) return known
  try {
    const decoder = new TextDecoder(label)
    decoders.set(label, decoder)
    return decoder
  } catch {
    return undefined // not a name that TextDecoder knows
  }
}
