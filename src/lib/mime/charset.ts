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

/** The same for bytes that come in pieces, a letter cut anywhere. What nobody knows is guessed by the first piece. */
export interface CharsetDecoder {
  push(bytes: Uint8Array): string
  end(): string
}

export function createCharsetDecoder(charset: string | undefined): CharsetDecoder {
  const label = charset === undefined ? '' : charset.trim().toLowerCase()
  if (!guessed.has(label)) {
    if (decoderOf(label) !== undefined) return streaming(label)
    if (iconv.encodingExists(label)) return streamingIconv(label)
  }
  let decoder: CharsetDecoder | undefined
  return {
    push(bytes) {
      decoder ??= streaming(isUtf8(withoutCutLetter(bytes)) ? 'utf-8' : 'windows-1252')
      return decoder.push(bytes)
    },
    end: () => decoder?.end() ?? '',
  }
}

function streaming(label: string): CharsetDecoder {
  const decoder = new TextDecoder(label)
  return { push: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() }
}

function streamingIconv(label: string): CharsetDecoder {
  const decoder = iconv.getDecoder(label)
  return { push: (bytes) => decoder.write(asBuffer(bytes)), end: () => decoder.end() ?? '' }
}

/** UTF-8 needs at most three octets more. */
function withoutCutLetter(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes.length - end < 3 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--
  return (bytes[end - 1] ?? 0) >= 0xc0 ? bytes.subarray(0, end - 1) : bytes
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
