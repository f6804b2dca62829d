import { expect, test } from 'vitest'
import { docxOf, zipOf } from '../../../test/support/documents.ts'
import { officeTexts } from './office.ts'

const words = async (zip: Buffer) =>
  (await officeTexts(zip)).map((text) => text.replace(/\s+/g, ' ').trim()).filter((text) => text !== '')

test.each([
  [
    'Word',
    {
      'word/document.xml':
        '<w:p><w:r><w:t>Hel</w:t></w:r><w:r><w:t>lo</w:t></w:r></w:p><w:p>W&#246;rld</w:p>',
    },
    ['Hello Wörld'],
  ],
  [
    'headers and footnotes',
    { 'word/header1.xml': '<w:t>top</w:t>', 'word/footnotes.xml': '<w:t>foot</w:t>' },
    ['top', 'foot'],
  ],
  ['what is no text', { 'word/settings.xml': '<w:t>no</w:t>', 'word/media/a.png': 'no' }, []],
  [
    'Excel',
    {
      'xl/workbook.xml': '<sheets><sheet name="Budget &amp; more" sheetId="1"/></sheets>',
      'xl/sharedStrings.xml': '<sst><si><t>Travel</t></si><si><r><t>Ren</t></r><r><t>tal</t></r></si></sst>',
      'xl/worksheets/sheet1.xml':
        '<row><c r="A1" t="s"><v>777</v></c><c r="B1"><v>12.5</v></c><c t="inlineStr"><is><t>In line</t></is></c></row>',
    },
    ['Budget & more', 'Travel Rental', '12.5 In line'],
  ],
  [
    'PowerPoint',
    {
      'ppt/slides/slide1.xml': '<a:p><a:r><a:t>Agen</a:t></a:r><a:r><a:t>da</a:t></a:r></a:p><a:p>two</a:p>',
    },
    ['Agenda two'],
  ],
  [
    'OpenDocument',
    { 'content.xml': '<text:p>one<text:tab/>two<text:line-break/>three</text:p><text:h>Four</text:h>' },
    ['one two three Four'],
  ],
  [
    'comments and sections that are text as it stands',
    { 'content.xml': 'a<!-- no > -->b<![CDATA[<c>&amp;]]>d' },
    ['ab<c>&amp;d'],
  ],
  [
    'entities of its own, which are not',
    { 'content.xml': '<!DOCTYPE x [<!ENTITY a "b">]>&a;&lt;' },
    [']>&a;<'],
  ],
])('reads %s', async (_, files, texts) => {
  expect(await words(zipOf(files))).toEqual(texts)
})

test('a document in UTF-16 is read', async () => {
  const xml = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<p>Zürich</p>', 'utf16le')])
  expect(await words(zipOf({ 'content.xml': xml }))).toEqual(['Zürich'])
})

test('a zip that is cut, or none at all, has no texts', async () => {
  const zip = docxOf('hello')
  expect(await officeTexts(zip.subarray(0, zip.length - 10))).toEqual([])
  expect(await officeTexts(Buffer.from('PK'))).toEqual([])
})

test('a file whose octets are damaged gives what comes before', async () => {
  const zip = docxOf(...Array.from({ length: 3000 }, (_, index) => `number${index * 7919}`))
  zip.fill(0xff, zip.length - 600, zip.length - 400)
  expect((await words(zip)).join()).toContain('number7919')
})

test.each([
  ['tags without end', '<'.repeat(3_000_000)],
  ['comments without end', '<!--'.repeat(1_000_000)],
  ['cells without end', '<c t="s" <sheet '.repeat(300_000)],
  ['a bomb', ' '.repeat(100_000_000)],
])('bears %s', async (_, xml) => {
  const texts = await officeTexts(zipOf({ 'xl/workbook.xml': xml, 'content.xml': xml }))
  expect(texts.join('').length).toBeLessThanOrEqual(48 * 1024 * 1024)
})
