import { decodeCharset } from '../mime/charset.ts'

/** Groups that hold no text: fonts, colours, pictures. */
const silent = new Set([
  'fonttbl',
  'colortbl',
  'stylesheet',
  'pict',
  'object',
  'info',
  'themedata',
  'colorschememapping',
  'datastore',
  'listtable',
  'listoverridetable',
  'latentstyles',
  'rsidtbl',
  'generator',
  'xmlnstbl',
  'filetbl',
  'revtbl',
])
const parting: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  tab: ' ',
  cell: ' ',
  row: '\n',
  sect: '\n',
  page: '\n',
  emdash: '—',
  endash: '–',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
}
const signs: Readonly<Record<string, string>> = { '~': ' ', '\\': '\\', '{': '{', '}': '}' }
const token =
  /\{|\}|\\\*|\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|[\r\n]+|[^\\{}\r\n]+/g
const deepest = 1000

/** The text of Rich Text Format, of one character per octet. */
export function rtfText(rtf: string): string {
  const reader = new RtfReader()
  for (const match of rtf.matchAll(token)) reader.take(match)
  return reader.end()
}

class RtfReader {
  readonly #groups: { isSilent: boolean; skipAfterUnicode: number }[] = []
  #group = { isSilent: false, skipAfterUnicode: 1 }
  #charset = 'windows-1252'
  #octets: number[] = []
  #skip = 0
  #out: string[] = []

  take([whole, hex, word, number, sign]: RegExpMatchArray): void {
    if (hex !== undefined) this.#octet(Number.parseInt(hex, 16))
    else if (whole === '{') this.#open()
    else if (whole === '}') this.#close()
    else if (whole === '\\*') this.#group.isSilent = true
    else if (word !== undefined) this.#control(word, number === undefined ? undefined : Number(number))
    else if (sign !== undefined) this.#text(signs[sign] ?? '')
    else if (whole !== undefined && !/^[\r\n]/.test(whole)) this.#text(whole)
  }

  end(): string {
    this.#flush()
    return this.#out.join('')
  }

  #open(): void {
    if (this.#groups.length < deepest) this.#groups.push({ ...this.#group })
  }

  #close(): void {
    this.#flush()
    this.#group = this.#groups.pop() ?? this.#group
  }

  #control(word: string, number: number | undefined): void {
    if (word === 'ansicpg' && number !== undefined) this.#charset = `windows-${number}`
    else if (word === 'uc') this.#group.skipAfterUnicode = Math.min(number ?? 1, 10)
    else if (word === 'u' && number !== undefined) this.#unicode(number)
    else if (silent.has(word)) this.#group.isSilent = true
    else this.#text(parting[word] ?? '')
  }

  #unicode(number: number): void {
    this.#text(String.fromCharCode(number & 0xffff))
    this.#skip = this.#group.skipAfterUnicode
  }

  #octet(octet: number): void {
    if (this.#skip > 0) this.#skip--
    else if (!this.#group.isSilent) this.#octets.push(octet)
  }

  #text(text: string): void {
    if (text === '') return
    this.#flush()
    const skipped = Math.min(this.#skip, text.length)
    this.#skip -= skipped
    if (!this.#group.isSilent) this.#out.push(text.slice(skipped))
  }

  #flush(): void {
    if (this.#octets.length === 0) return
    this.#out.push(decodeCharset(Uint8Array.from(this.#octets), this.#charset))
    this.#octets = []
  }
}
