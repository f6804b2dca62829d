import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { officeTexts } from '../../src/lib/documents/office.ts'
import { pdfTexts } from '../../src/lib/documents/pdf-text.ts'
import { rtfText } from '../../src/lib/documents/rtf.ts'
import { xmlText } from '../../src/lib/documents/xml-text.ts'
import { docxOf, pdfOf } from '../support/documents.ts'

const pdfs = [
  pdfOf('BT /F1 12 Tf 50 700 Td (text) Tj [(a) -300 (b)] TJ ET /X1 Do', '<< >>'),
  ...['aes-128', 'aes-256', 'rc4-128', 'object-streams'].map((name) =>
    readFileSync(`test/fixtures/documents/${name}.pdf`),
  ),
]
const docx = docxOf('Hello', 'World &amp; more')

/** Pieces of a file that are replaced by others: what is looked into must neither fail nor last. */
const damage = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.uint8Array({ maxLength: 8 }), token())), {
  maxLength: 12,
})

function token(): fc.Arbitrary<Uint8Array> {
  const words = [
    'obj',
    'endobj',
    'stream',
    '<<',
    '>>',
    '[',
    ']',
    '(',
    ')',
    '/Kids',
    '/Length',
    '9 0 R',
    '1 0 R',
    '-1',
    '1e9',
    'PK\x01\x02',
  ]
  return fc.constantFrom(...words).map((word) => Buffer.from(word))
}

function damaged(file: Buffer, changes: readonly (readonly [number, Uint8Array])[]): Buffer {
  const bytes = Buffer.from(file)
  for (const [at, octets] of changes)
    bytes.set(octets.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length)
  return bytes
}

test('a damaged PDF is read without a complaint', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...pdfs), damage, fc.nat(), async (pdf, changes, cut) => {
      const bytes = damaged(pdf, changes)
      expect(await pdfTexts(bytes.subarray(0, bytes.length - (cut % 50)))).toBeInstanceOf(Array)
    }),
  )
})

test('a damaged office document is read without a complaint', async () => {
  await fc.assert(
    fc.asyncProperty(damage, fc.nat(), async (changes, cut) => {
      const bytes = damaged(docx, changes)
      expect(await officeTexts(bytes.subarray(cut % 30))).toBeInstanceOf(Array)
    }),
  )
})

test('texts of XML and RTF are no longer than what they are made of', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '</w:p>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '&#65;',
    '&amp;',
    'a',
    '{',
    '}',
    '\\u65',
    '\\par',
    "\\'e4",
    '\\',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join('')
      expect(xmlText(text).length).toBeLessThanOrEqual(text.length)
      expect(rtfText(text).length).toBeLessThanOrEqual(text.length)
    }),
  )
})
