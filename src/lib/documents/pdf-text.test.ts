import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pdfOf, pdfOfObjects, streamOf } from '../../../test/support/documents.ts'
import { pdfTexts } from './pdf-text.ts'

const fixture = (name: string) => readFileSync(`test/fixtures/documents/${name}.pdf`)
const textOf = async (pdf: Buffer) => (await pdfTexts(pdf)).join('|')

test.each(['rc4-40', 'rc4-128', 'aes-128', 'aes-256', 'object-streams'])(
  'reads %s, which anybody may read',
  async (name) => {
    expect(await textOf(fixture(name))).toBe('Geschäftsbericht\nfür das Jahr')
  },
)

test('reads nothing of what is locked by a password', async () => {
  expect(await pdfTexts(fixture('locked'))).toEqual([])
})

test('reads what a browser prints, in every script', async () => {
  const text = await textOf(fixture('browser'))
  for (const line of [
    'Jahresbericht für Größe',
    'The annual report of naïve café; ﬁnance & office.',
    '京都の会議は木曜日です。',
    'Договор аренды № 15, ёлка',
    '계산서 한글',
    'Spaced letters here',
    'שלום עולם',
  ])
    expect(text).toContain(line)
})

test.each([
  ['words that a gap parts', '[(annual) -400 (report)] TJ', 'annual report'],
  ['words that are only set closer', '[(an) 20 (nual)] TJ', 'annual'],
  ['lines', '(one) Tj 0 -14 Td (two) Tj', 'one\ntwo'],
  ['lines by leading', "14 TL (one) Tj T* (two) Tj (three) '", 'one\ntwo\nthree'],
  ['strings in hexadecimal', '<48 65 6c6c 6f> Tj', 'Hello'],
  ['parentheses and escapes', '(a\\(b\\) (c) \\101\\n) Tj', 'a(b) (c) A\n'],
  ['what is said instead', '/Span << /ActualText (ffi) >> BDC (x) Tj EMC (ce) Tj', 'ffice'],
  ['text behind an image', 'BI /W 1 /H 1 ID \x00\xff EI (after) Tj', 'after'],
])('reads %s', async (_, operators, text) => {
  expect(await textOf(pdfOf(`BT /F1 12 Tf 50 700 Td ${operators} ET`))).toBe(text)
})

test('a font says what its codes are', async () => {
  const cmap = `1 begincodespacerange <0000> <ffff> endcodespacerange
    1 beginbfchar <0001> <6771> endbfchar 2 beginbfrange <0010> <0012> <0041> <0020> <0021> [<4eac> <d842dfb7>] endbfrange`
  const pdf = pdfOf(
    'BT /F2 12 Tf <0001002000210010001100129999> Tj ET',
    '<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 7 0 R /DescendantFonts [8 0 R] >>',
    streamOf(cmap),
    '<< /Type /Font /Subtype /CIDFontType2 /DW 1000 >>',
  )
  expect(await textOf(pdf)).toBe('東京𠮷ABC')
})

test('a font without that is read by its encoding', async () => {
  const named =
    '<< /Type /Font /Subtype /Type1 /Encoding << /Differences [1 /Zcaron /odieresis /fi /uni20AC] >> >>'
  expect(await textOf(pdfOf('BT /F2 12 Tf (\\001\\002\\003\\004a) Tj ET', named))).toBe('Žöfi€a')
  const japanese = '<< /Type /Font /Subtype /Type0 /Encoding /90ms-RKSJ-H >>'
  expect(await textOf(pdfOf('BT /F2 12 Tf <938c8b9e> Tj ET', japanese))).toBe('東京')
})

test('forms are read where they are drawn', async () => {
  const form = streamOf('BT /F1 12 Tf (inside) Tj ET', '/Subtype /Form /Matrix [1 0 0 1 0 -50]')
  expect(await textOf(pdfOf('BT /F1 12 Tf (before) Tj ET /X1 Do', '<< >>', form))).toBe('before\ninside')
})

test('a file without a table, a tree or an end is read all the same', async () => {
  const pdf = pdfOf('BT /F1 12 Tf (still there) Tj ET')
  expect(await textOf(pdf.subarray(0, pdf.indexOf('trailer')))).toBe('still there')
})

/** Each would take hours, or all memory, of who trusts it. */
const evil: readonly (readonly [string, () => Buffer])[] = [
  ['a bomb', () => pdfOf(`BT /F1 12 Tf ${'(x) Tj '.repeat(4_000_000)} ET`)],
  [
    'forms that draw themselves',
    () => pdfOf('/X1 Do', '<< >>', streamOf('/X1 Do '.repeat(5000), '/Subtype /Form')),
  ],
  [
    'pages that hold themselves',
    () => pdfOfObjects('<< /Pages 2 0 R >>', `<< /Kids [${'2 0 R '.repeat(50_000)}] >>`),
  ],
  ['references in a circle', () => pdfOfObjects('<< /Pages 2 0 R >>', '3 0 R', '2 0 R')],
  ['arrays without end', () => pdfOf('['.repeat(2_000_000))],
  ['strings without end', () => Buffer.from(`%PDF-1.4 ${'1 0 obj ('.repeat(200_000)}`)],
  [
    'codes of everything, again and again',
    () =>
      pdfOf(
        'BT /F2 12 Tf (a) Tj ET',
        '<< /Type /Font /Subtype /Type0 /ToUnicode 7 0 R >>',
        streamOf(`${'<0000> <ffff> <0041> '.repeat(100_000)} endbfrange`),
      ),
  ],
  [
    'widths of everything, again and again',
    () =>
      pdfOf(
        'BT /F2 12 Tf (a) Tj ET',
        `<< /Subtype /Type0 /DescendantFonts [<< /W [${'0 65535 500 '.repeat(30_000)}] >>] >>`,
      ),
  ],
  [
    'letters that are each a book',
    () =>
      pdfOf(
        `BT /F2 12 Tf ${'(aaaaaaaaaa) Tj '.repeat(100_000)} ET`,
        '<< /Type /Font /Subtype /Type1 /ToUnicode 7 0 R >>',
        streamOf(`<61> <${'0041'.repeat(500)}> endbfchar`),
      ),
  ],
  [
    'a font that is read with every letter',
    () =>
      pdfOf('BT /F2 1 Tf (a) Tj ET '.repeat(200_000), `<< /Type /Font /Widths [${'1 '.repeat(90_000)}] >>`),
  ],
]

test.each(evil)('bears %s', async (_, made) => {
  const texts = await pdfTexts(made())
  expect(texts.join('').length).toBeLessThan(9 * 1024 * 1024)
})
