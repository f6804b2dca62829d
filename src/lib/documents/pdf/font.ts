import { decodeCharset } from '../../mime/charset.ts'
import { readToUnicode, type ToUnicode } from './cmap.ts'
import type { PdfDocument } from './document.ts'
import { glyphText } from './glyph-names.ts'
import { isArray, nameOf, type PdfDict, type PdfValue } from './objects.ts'

/** A code of a shown string: what it says, and how wide it is in thousandths of the size. */
interface Shown {
  readonly text: string
  readonly width: number
  /** Word spacing is added to it. ISO 32000-1 §9.3.3 */
  readonly isBlank: boolean
}

export interface Font {
  read(octets: string): Shown[]
}

const usualWidth = 500
const mostCodes = 70_000

/** What a simple font says that says nothing else. §9.6.6.1 */
const latin = Array.from({ length: 256 }, (_, code) => decodeCharset(Uint8Array.of(code), 'windows-1252'))

/** Names of CMaps by what they begin with, and the charset whose codes they take. §9.7.5.2 */
const charsets: readonly (readonly [RegExp, string])[] = [
  [/^Uni.*-(?:UCS2|UTF16)/, 'utf-16be'],
  [/^GB/, 'gb18030'],
  [/^(?:B5|ETen|HK)/, 'big5'],
  [/RKSJ/, 'shift_jis'],
  [/^(?:EUC-|Ext-)/, 'euc-jp'],
  [/^KSC/, 'euc-kr'],
]

/** For text without a font that is known. */
export const unknownFont: Font = { read: (octets) => readSimple(octets, undefined, [], () => usualWidth) }

export async function readFont(document: PdfDocument, dict: PdfDict): Promise<Font> {
  const cmap = await document.stream(dict.get('ToUnicode'))
  const toUnicode = cmap && readToUnicode(cmap, Math.min(mostCodes, document.codesLeft))
  document.codesLeft -= toUnicode?.taken ?? 0
  if (nameOf(document.resolve(dict.get('Subtype'))) === 'Type0') return composite(document, dict, toUnicode)
  const encoding = document.resolve(dict.get('Encoding'))
  const codes = encodingOf(document, encoding)
  const width = simpleWidths(document, dict)
  return { read: (octets) => readSimple(octets, toUnicode, codes, width) }
}

function readSimple(
  octets: string,
  toUnicode: ToUnicode | undefined,
  codes: readonly string[],
  width: (code: number) => number,
): Shown[] {
  return Array.from(octets, (octet) => {
    const code = octet.charCodeAt(0)
    const text = toUnicode?.textOf(code) ?? codes[code] ?? latin[code] ?? ''
    return { text, width: width(code), isBlank: code === 32 }
  })
}

/** What each code of a simple font is, where that is not as in windows-1252. §9.6.6 */
function encodingOf(document: PdfDocument, encoding: PdfValue): string[] {
  const dict = document.dict(encoding)
  const base = nameOf(encoding) ?? nameOf(document.resolve(dict.get('BaseEncoding')))
  const codes: string[] = []
  if (base === 'MacRomanEncoding') {
    for (let code = 128; code < 256; code++) codes[code] = decodeCharset(Uint8Array.of(code), 'macintosh')
  }
  let next = 0
  for (const item of document.list(dict.get('Differences')).slice(0, 1000)) {
    if (typeof item === 'number') next = item & 255
    else codes[next++] = glyphText(nameOf(item) ?? '')
  }
  return codes
}

function simpleWidths(document: PdfDocument, dict: PdfDict): (code: number) => number {
  const first = document.resolve(dict.get('FirstChar'))
  const widths = document.list(dict.get('Widths'))
  if (typeof first !== 'number' || widths.length === 0) return () => usualWidth
  // Type 3 fonts have units of their own.
  const matrix = document.list(dict.get('FontMatrix'))[0]
  const scale = typeof matrix === 'number' && matrix > 0 ? matrix * 1000 : 1
  return (code) => {
    const width = document.resolve(widths[code - first])
    return typeof width === 'number' ? width * scale : usualWidth
  }
}

function composite(document: PdfDocument, dict: PdfDict, toUnicode: ToUnicode | undefined): Font {
  const descendant = document.dict(document.list(dict.get('DescendantFonts'))[0])
  const width = compositeWidths(document, descendant)
  const encoding = nameOf(document.resolve(dict.get('Encoding'))) ?? ''
  const charset = charsets.find(([name]) => name.test(encoding))?.[1]
  if (!toUnicode && charset) return { read: (octets) => [ofCharset(octets, charset)] }
  return {
    read(octets) {
      const shown: Shown[] = []
      for (let at = 0; at < octets.length; ) {
        const length = toUnicode?.widthOf(octets.charCodeAt(at)) || 2
        const code = codeOf(octets.slice(at, at + length))
        shown.push({
          text: toUnicode?.textOf(code) ?? '',
          width: width(code),
          isBlank: length === 1 && code === 32,
        })
        at += length
      }
      return shown
    },
  }
}

function ofCharset(octets: string, charset: string): Shown {
  const text = decodeCharset(Buffer.from(octets, 'latin1'), charset)
  return { text, width: text.length * 1000, isBlank: false }
}

function codeOf(octets: string): number {
  let code = 0
  for (let at = 0; at < octets.length; at++) code = code * 256 + octets.charCodeAt(at)
  return code
}

/** §9.7.4.3: `first [w1 w2 …]` and `first last w`. */
function compositeWidths(document: PdfDocument, dict: PdfDict): (code: number) => number {
  const standard = document.resolve(dict.get('DW'))
  const usual = typeof standard === 'number' ? standard : 1000
  const widths = new Map<number, number>()
  const list = document.list(dict.get('W'))
  for (let at = 0; at + 1 < list.length && document.codesLeft > 0; ) {
    const [first, second] = [document.resolve(list[at]), document.resolve(list[at + 1])]
    if (isArray(second)) {
      for (const [index, width] of second.entries()) setWidth(widths, Number(first) + index, width)
      document.codesLeft -= second.length
      at += 2
    } else {
      const last = Math.min(Number(second), Number(first) + document.codesLeft)
      const width = document.resolve(list[at + 2])
      for (let code = Number(first); code <= last; code++) setWidth(widths, code, width)
      document.codesLeft -= Math.max(0, last - Number(first)) + 1
      at += 3
    }
  }
  return (code) => widths.get(code) ?? usual
}

function setWidth(widths: Map<number, number>, code: number, width: PdfValue): void {
  if (typeof width === 'number') widths.set(code, width)
}

/** Of the document's own strings: UTF-16 with its mark, or nearly windows-1252. §7.9.2.2 */
export function textString(octets: string): string {
  const bytes = Buffer.from(octets, 'latin1')
  if (octets.startsWith('\xfe\xff')) return decodeCharset(bytes.subarray(2), 'utf-16be')
  return decodeCharset(bytes, octets.startsWith('\xef\xbb\xbf') ? 'utf-8' : 'windows-1252')
}
