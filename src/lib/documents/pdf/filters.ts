import { inflateUpTo } from '../inflate.ts'
import { isArray, isDict, nameOf, type PdfDict, type PdfValue } from './objects.ts'

/** Of one stream. */
const mostOctets = 16 * 1024 * 1024

/** Takes the filters off a stream; undefined where one of them is for pictures, or not known. ISO 32000-1 §7.4 */
export async function unfiltered(
  octets: Buffer,
  dict: PdfDict,
  resolve: (value: PdfValue) => PdfValue,
): Promise<Buffer | undefined> {
  const listed = (key: string, short: string): readonly PdfValue[] => {
    const value = resolve(dict.get(key) ?? dict.get(short))
    return isArray(value) ? value : [value]
  }
  const parameters = listed('DecodeParms', 'DP')
  let bytes: Buffer | undefined = octets
  for (const [index, filter] of listed('Filter', 'F').slice(0, 8).entries()) {
    const name = nameOf(resolve(filter))
    if (name === undefined || bytes === undefined) continue
    const settings = resolve(parameters[index])
    bytes = await withoutFilter(bytes, name, isDict(settings) ? settings : new Map())
  }
  return bytes
}

async function withoutFilter(bytes: Buffer, name: string, settings: PdfDict): Promise<Buffer | undefined> {
  switch (name) {
    case 'FlateDecode':
    case 'Fl':
      return unpredicted(await inflateUpTo(bytes, 'zlib', mostOctets), settings)
    case 'LZWDecode':
    case 'LZW':
      return unpredicted(lzw(bytes, settings.get('EarlyChange') !== 0), settings)
    case 'ASCIIHexDecode':
    case 'AHx':
      return Buffer.from(
        bytes
          .toString('latin1')
          .replace(/>[\s\S]*$/, '')
          .replace(/[^0-9a-fA-F]+/g, ''),
        'hex',
      )
    case 'ASCII85Decode':
    case 'A85':
      return ascii85(bytes)
    case 'RunLengthDecode':
    case 'RL':
      return runLength(bytes)
    case 'Crypt':
      return bytes
    default:
      return undefined
  }
}

/** ISO 32000-1 §7.4.4.4: PNG's predictors; TIFF's is for pictures. */
function unpredicted(bytes: Buffer, settings: PdfDict): Buffer {
  const number = (key: string, standard: number) => {
    const value = settings.get(key)
    return typeof value === 'number' && value > 0 && value < 100_000 ? Math.floor(value) : standard
  }
  if (number('Predictor', 1) < 10) return bytes
  const pixel = Math.max(1, (number('Colors', 1) * number('BitsPerComponent', 8)) >> 3)
  const width = (number('Columns', 1) * number('Colors', 1) * number('BitsPerComponent', 8) + 7) >> 3
  const rows = Math.floor(bytes.length / (width + 1))
  const out = Buffer.alloc(rows * width)
  for (let row = 0; row < rows; row++) unpredictRow(bytes, out, { row, width, pixel })
  return out
}

function unpredictRow(
  bytes: Buffer,
  out: Buffer,
  { row, width, pixel }: { row: number; width: number; pixel: number },
): void {
  const from = row * (width + 1)
  const kind = bytes[from] ?? 0
  const to = row * width
  for (let at = 0; at < width; at++) {
    const left = at >= pixel ? (out[to + at - pixel] ?? 0) : 0
    const up = row > 0 ? (out[to + at - width] ?? 0) : 0
    const upLeft = row > 0 && at >= pixel ? (out[to + at - width - pixel] ?? 0) : 0
    out[to + at] = ((bytes[from + 1 + at] ?? 0) + predicted(kind, left, up, upLeft)) & 255
  }
}

function predicted(kind: number, left: number, up: number, upLeft: number): number {
  if (kind === 1) return left
  if (kind === 2) return up
  if (kind === 3) return (left + up) >> 1
  if (kind !== 4) return 0
  const guess = left + up - upLeft
  const [byLeft, byUp, byUpLeft] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft)]
  if (byLeft <= byUp && byLeft <= byUpLeft) return left
  return byUp <= byUpLeft ? up : upLeft
}

function ascii85(bytes: Buffer): Buffer {
  const out: number[] = []
  let group: number[] = []
  const flush = () => {
    const missing = 5 - group.length
    const value = [...group, ...Array<number>(missing).fill(84)].reduce((sum, digit) => sum * 85 + digit, 0)
    for (let index = 0; index < 4 - missing; index++) out.push(Math.floor(value / 256 ** (3 - index)) & 255)
    group = []
  }
  for (const octet of bytes) {
    if (octet === tilde) break
    if (octet === letterZ && group.length === 0) out.push(0, 0, 0, 0)
    if (octet < 33 || octet > 117) continue
    group.push(octet - 33)
    if (group.length === 5) flush()
    if (out.length > mostOctets) break
  }
  if (group.length > 1) flush()
  return Buffer.from(out)
}

const tilde = 126
const letterZ = 122

function runLength(bytes: Buffer): Buffer {
  const pieces: Buffer[] = []
  let length = 0
  for (let at = 0; at < bytes.length && length < mostOctets; ) {
    const count = bytes[at++] ?? 128
    if (count === 128) break
    const piece = count < 128 ? bytes.subarray(at, at + count + 1) : Buffer.alloc(257 - count, bytes[at])
    at += count < 128 ? count + 1 : 1
    pieces.push(piece)
    length += piece.length
  }
  return Buffer.concat(pieces)
}

/** ISO 32000-1 §7.4.4.2 */
function lzw(bytes: Buffer, changesEarly: boolean): Buffer {
  const table = new LzwTable(changesEarly)
  let [bits, held] = [0, 0]
  for (const octet of bytes) {
    bits = ((bits << 8) | octet) & 0xffffff
    held += 8
    const width = table.codeWidth
    if (held < width) continue
    held -= width
    if (!table.take((bits >> held) & ((1 << width) - 1))) break
  }
  return Buffer.concat(table.pieces)
}

const clearTable = 256
const endOfData = 257
const firstCode = 258
const mostCodes = 4096

class LzwTable {
  readonly pieces: Buffer[] = []
  readonly #early: number
  #table: Buffer[] = []
  #before: Buffer | undefined
  #length = 0

  constructor(changesEarly: boolean) {
    this.#early = changesEarly ? 1 : 0
  }

  get codeWidth(): number {
    const next = this.#table.length + firstCode + this.#early
    if (next < 512) return 9
    if (next < 1024) return 10
    return next < 2048 ? 11 : 12
  }

  /** False where it ends. */
  take(code: number): boolean {
    if (code === endOfData || this.#length > mostOctets) return false
    if (code === clearTable) {
      this.#table = []
      this.#before = undefined
      return true
    }
    const entry = this.#entryOf(code)
    if (!entry) return false
    const before = this.#before
    if (before && this.#table.length < mostCodes - firstCode) {
      this.#table.push(Buffer.concat([before, entry.subarray(0, 1)]))
    }
    this.pieces.push(entry)
    this.#length += entry.length
    this.#before = entry
    return true
  }

  /** One that is being defined right now begins and ends alike. */
  #entryOf(code: number): Buffer | undefined {
    if (code < clearTable) return Buffer.of(code)
    const before = this.#before
    return this.#table[code - firstCode] ?? (before && Buffer.concat([before, before.subarray(0, 1)]))
  }
}
