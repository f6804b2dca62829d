import { hash } from 'node:crypto'
import { decodeTransfer } from '../../../lib/mime/decode.ts'
import { asBuffer } from '../../../lib/mime/octets.ts'
import { findKind, kind, skipKind } from '../content/letters.ts'
import type { MessageContent } from '../content/message-content.ts'

/** What a message can be known by again though it was changed a little: plain data. */
export interface Prints {
  /** The smallest hashes of its text; undefined where there is hardly any. */
  readonly text: Int32Array | undefined
  /** Digests of files. */
  readonly files: readonly Uint8Array[]
}

/** Hashes of a text: as many as of two texts are equal, so alike are they. Broder's shingles: of three words. */
const hashes = 32
const perBand = 4
const fewestShingles = 15
const mostWords = 600
const textRead = 50_000
const mostFiles = 5
const fewestOctets = 512
const fileOctets = 16

export function printsOf(content: MessageContent, bytes: Uint8Array): Prints {
  return { text: textPrint(content), files: filePrints(content, asBuffer(bytes)) }
}

function textPrint({ texts }: MessageContent): Int32Array | undefined {
  // The longest: what is offered as plain text beside HTML may be anything.
  const text = texts.reduce((longest, one) => (one.text.length > longest.length ? one.text : longest), '')
  const shingles = shinglesOf(text)
  if (shingles.length < fewestShingles) return undefined
  const print = new Int32Array(hashes).fill(0x7fffffff)
  for (const shingle of shingles)
    for (let one = 0; one < hashes; one++) {
      const value = Math.imul(shingle ^ (one * 0x9e3779b1), 0x85ebca6b + 2 * one)
      if (value < (print[one] ?? 0)) print[one] = value
    }
  return print
}

function shinglesOf(text: string): Int32Array {
  const shingles = new Int32Array(mostWords)
  const end = Math.min(text.length, textRead)
  let [first, second] = [0, 0]
  let words = 0
  for (let at = findKind(text, 0, ofWords); at < end && words < mostWords; ) {
    const to = Math.min(skipKind(text, at, ofWords), end)
    // Numbers are another in each copy.
    const third = hashOf(text, at, to)
    if (++words > 2) shingles[words - 3] = mixed(third ^ mixed(second ^ mixed(first)))
    ;[first, second] = [second, third]
    at = findKind(text, to, ofWords)
  }
  return shingles.subarray(0, Math.max(0, words - 2))
}

/** A word is `[\p{L}\p{N}]+`. */
const ofWords = kind.letter | kind.number

/** In lower case; 0 for what has a digit in it. */
function hashOf(text: string, from: number, to: number): number {
  let value = 0x811c9dc5
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x30 && unit <= 0x39) return 0
    if (unit >= 0x80) return hashOfOther(text.slice(from, to))
    value = Math.imul(value ^ (unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit), 0x01000193)
  }
  return value
}

function hashOfOther(word: string): number {
  if (/\d/.test(word)) return 0
  const lower = word.toLowerCase()
  let value = 0x811c9dc5
  for (let at = 0; at < lower.length; at++) value = Math.imul(value ^ lower.charCodeAt(at), 0x01000193)
  return value
}

function mixed(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35)
  return second ^ (second >>> 16)
}

/** Pictures are in honest mail too, of everybody. */
function filePrints({ attachments }: MessageContent, octets: Buffer): Uint8Array[] {
  const prints: Uint8Array[] = []
  for (const { type, bodyStart, bodyEnd, encoding } of attachments) {
    if (prints.length >= mostFiles) break
    // What was not read to its end is another file than it seems.
    if (!type.startsWith('application/') || bodyEnd > octets.length) continue
    const file = decodeTransfer(octets.subarray(bodyStart, bodyEnd), encoding)
    if (file.length >= fewestOctets)
      prints.push(new Uint8Array(hash('sha256', file, 'buffer').subarray(0, fileOctets)))
  }
  return prints
}

/** Two texts that are alike have a band in common, nearly always. */
export function bandsOf(print: Uint8Array): number[] {
  if (print.length === fileOctets) return [bandOf(print)]
  const octets = perBand * 4
  return Array.from({ length: print.length / octets }, (_, at) =>
    bandOf(Uint8Array.from([at, ...print.subarray(at * octets, (at + 1) * octets)])),
  )
}

const bandOf = (octets: Uint8Array): number => hash('md5', octets, 'buffer').readUIntBE(0, 6)

/** From 0 to 1; a file is the same or another. */
export function likeness(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) return 0
  if (one.length === fileOctets) return Buffer.compare(one, other) === 0 ? 1 : 0
  let equal = 0
  for (let at = 0; at < one.length; at += 4)
    if (one.subarray(at, at + 4).every((octet, index) => octet === other[at + index])) equal++
  return equal / (one.length / 4)
}

/** As they are kept. */
export const packed = ({ text, files }: Prints): Uint8Array[] => [
  ...(text ? [new Uint8Array(text.buffer, text.byteOffset, text.byteLength)] : []),
  ...files,
]
