import { asBuffer } from './octets.ts'

/** Takes a Content-Transfer-Encoding off bytes that come in pieces. Lenient: what is not of the encoding is skipped. */
export interface TransferDecoder {
  push(chunk: Uint8Array): Uint8Array
  end(): Uint8Array
}

const nothing = new Uint8Array(0)

/** Undefined when the encoding is not known (IMAP answers UNKNOWN-CTE). */
export function createTransferDecoder(encoding: string): TransferDecoder | undefined {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return new Base64Decoder()
    case 'quoted-printable':
      return new QuotedPrintableDecoder()
    case '7bit':
    case '8bit':
    case 'binary':
    case '':
      return { push: (chunk) => chunk, end: () => nothing }
    default:
      return undefined
  }
}

/** The same for bytes at hand as a whole; an unknown encoding leaves them as they are. */
export function decodeTransfer(bytes: Uint8Array, encoding: string): Uint8Array {
  const plain = encoding.toLowerCase() === 'base64' ? decodePlainBase64(asBuffer(bytes)) : undefined
  if (plain) return plain
  const decoder = createTransferDecoder(encoding)
  if (decoder === undefined) return bytes
  const most = decoder.push(bytes)
  const last = decoder.end()
  return last.length === 0 ? most : Buffer.concat([most, last])
}

/** Node skips what is outside the alphabet, too, in a seventh of the time; but it knows the two letters of URLs, and what padding ends. */
function decodePlainBase64(bytes: Buffer): Uint8Array | undefined {
  const text = bytes.toString('latin1')
  const padding = text.indexOf('=')
  if (text.includes('-') || text.includes('_')) return undefined
  return padding < 0 || /^[=\s]*$/.test(text.slice(padding)) ? Buffer.from(text, 'base64') : undefined
}

/** RFC 2045 §6.8: everything outside the alphabet is skipped; padding may stand in the middle of joined texts. */
class Base64Decoder implements TransferDecoder {
  #rest = ''

  push(chunk: Uint8Array): Uint8Array {
    const text =
      this.#rest +
      asBuffer(chunk)
        .toString('latin1')
        .replace(/[^A-Za-z0-9+/=]+/g, '')
    const padding = text.lastIndexOf('=')
    const open = padding < 0 ? text : text.slice(padding + 1)
    const whole = open.length - (open.length % 4)
    this.#rest = open.slice(whole)
    const last = Buffer.from(open.slice(0, whole), 'base64')
    return padding < 0 ? last : Buffer.concat([...paddedTexts(text.slice(0, padding)), last])
  }

  end(): Uint8Array {
    const rest = Buffer.from(this.#rest, 'base64')
    this.#rest = ''
    return rest
  }
}

/** Padding is rare: more than a few pieces are somebody's game, and then the padding is only skipped. */
function paddedTexts(text: string): Buffer[] {
  const pieces = text.split(/=+/, 1001)
  return (pieces.length > 1000 ? [text.replaceAll('=', '')] : pieces).map((piece) =>
    Buffer.from(piece, 'base64'),
  )
}

const tab = 9
const lf = 10
const cr = 13
const space = 32
const equals = 61

/** Longest run of white space that is held back, because it may turn out to end a line. */
const longestBlank = 1000

/** RFC 2045 §6.7. */
class QuotedPrintableDecoder implements TransferDecoder {
  #rest: Buffer = Buffer.alloc(0)

  push(chunk: Uint8Array): Uint8Array {
    const bytes = this.#rest.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#rest, chunk])
    const held = heldBack(bytes)
    this.#rest = Buffer.from(bytes.subarray(bytes.length - held))
    return decodeQuotedPrintable(bytes.subarray(0, bytes.length - held), false)
  }

  end(): Uint8Array {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return decodeQuotedPrintable(rest, true)
  }
}

/** Octets at the end whose meaning the next piece decides: `=`, `=4`, `=` and blanks, blanks, CR. */
function heldBack(bytes: Buffer): number {
  let at = bytes.length
  const floor = Math.max(0, at - longestBlank)
  if (at > floor && bytes[at - 1] === cr) at--
  while (at > floor && isBlank(bytes[at - 1])) at--
  if (at > floor && bytes[at - 1] === equals) at--
  else if (at === bytes.length && at > floor + 1 && bytes[at - 2] === equals) at -= 2
  return bytes.length - at
}

function decodeQuotedPrintable(bytes: Buffer, isEnd: boolean): Uint8Array {
  const writer = new PlainWriter(bytes, isEnd)
  let at = 0
  while (at < bytes.length) {
    const octet = bytes[at] ?? 0
    if (octet === equals) at = writer.escaped(at)
    else if (isBlank(octet)) at = writer.blanks(at)
    else at = writer.plain(at)
  }
  return writer.written()
}

/** Each method writes what stands at an offset and says where to go on. */
class PlainWriter {
  readonly #bytes: Buffer
  readonly #isEnd: boolean
  readonly #out: Buffer
  #length = 0

  constructor(bytes: Buffer, isEnd: boolean) {
    this.#bytes = bytes
    this.#isEnd = isEnd
    this.#out = Buffer.allocUnsafe(bytes.length)
  }

  written(): Uint8Array {
    return this.#out.subarray(0, this.#length)
  }

  /** Octets that stand for themselves, at least one: most of them, so in one loop. */
  plain(at: number): number {
    const bytes = this.#bytes
    const out = this.#out
    let length = this.#length
    let next = at
    do out[length++] = bytes[next++] ?? 0
    while (next < bytes.length && isPlain(bytes, next))
    this.#length = length
    return next
  }

  octet(at: number, value: number): number {
    this.#out[this.#length++] = value
    return at + 1
  }

  /** `=4F`, a soft line break, or an equals sign that somebody forgot to escape. */
  escaped(at: number): number {
    const value = hexPair(this.#bytes, at + 1)
    if (value >= 0) return this.octet(at + 2, value)
    const nextLine = lineEndAfter(this.#bytes, at + 1)
    const isCut = nextLine === this.#bytes.length && !this.#isEnd && this.#bytes[nextLine - 1] !== lf
    return nextLine < 0 || isCut ? this.octet(at, equals) : nextLine
  }

  /** Blanks at the end of a line were added on the way. */
  blanks(at: number): number {
    const end = blankRun(this.#bytes, at)
    const isAtLineEnd = end < this.#bytes.length ? isLineEnd(this.#bytes, end) : this.#isEnd
    if (isAtLineEnd) return end
    let next = at
    while (next < end) next = this.octet(next, this.#bytes[next] ?? space)
    return end
  }
}

/** Where the line after a soft break starts, -1 when it is none. */
function lineEndAfter(bytes: Buffer, from: number): number {
  const at = blankRun(bytes, from)
  if (at >= bytes.length) return at
  if (bytes[at] === lf) return at + 1
  return bytes[at] === cr && (at + 1 >= bytes.length || bytes[at + 1] === lf)
    ? Math.min(at + 2, bytes.length)
    : -1
}

function blankRun(bytes: Buffer, from: number): number {
  let at = from
  while (isBlank(bytes[at])) at++
  return at
}

function isLineEnd(bytes: Buffer, at: number): boolean {
  return bytes[at] === lf || (bytes[at] === cr && bytes[at + 1] === lf)
}

/** A blank before something that is neither blank nor line end does not end its line. */
function isPlain(bytes: Buffer, at: number): boolean {
  const octet = bytes[at] ?? 0
  return octet !== equals && (!isBlank(octet) || (bytes[at + 1] ?? 0) > space)
}

function isBlank(octet: number | undefined): boolean {
  return octet === space || octet === tab
}

function hexPair(bytes: Buffer, at: number): number {
  const high = hexDigit(bytes[at])
  const low = hexDigit(bytes[at + 1])
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexDigit(octet: number | undefined): number {
  if (octet === undefined) return -1
  if (octet >= 48 && octet <= 57) return octet - 48
  const upper = octet & 0xdf
  return upper >= 65 && upper <= 70 ? upper - 55 : -1
}
