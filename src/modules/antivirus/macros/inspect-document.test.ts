import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { compoundFileOf } from '../../../../test/support/compound-file.ts'
import { docxOf, zipOf } from '../../../../test/support/documents.ts'
import {
  alertingSylk,
  compressVba,
  docmWith,
  docWith,
  stompedDoc,
  vbaStorage,
} from '../../../../test/support/macro-documents.ts'
import { danger } from './findings.ts'
import { inspectDocument } from './inspect-document.ts'

const dangerOf = async (octets: Buffer | string) => danger(await inspectDocument(Buffer.from(octets)))
const module = (source: string) => ({ name: 'Module1', source })

const opening = module('Sub AutoOpen()\nMsgBox "hello"\nEnd Sub')
const shell = module('Sub Report()\nx = Shell("cmd /c dir")\nEnd Sub')
const writing = module('Sub Save()\nOpen "c:\\x.txt" For Output As #1\nEnd Sub')
const declaring = module('Private Declare PtrSafe Function Sleep Lib "kernel32" (ByVal ms As Long)')
const reckoning = module('Function Tax(x)\nTax = x * 0.19\nEnd Function')
const continued = module('Sub Save()\nOpen _\n  "c:\\x.txt" For _\n  Append As #1\nEnd Sub')

test.each([
  ['starts by itself', opening, 'starts by itself: AutoOpen'],
  ['runs a program', shell, 'runs programs: Shell'],
  ['writes a file', writing, 'writes files: Open'],
  ['writes a file, in a statement over several lines', continued, 'writes files: Open'],
  ['declares a function of the system', declaring, 'runs programs: Declare'],
])('a macro that %s is dangerous', async (_, macro, why) => {
  for (const document of [docWith(macro), docmWith(macro)]) expect(await dangerOf(document)).toBe(why)
})

test('a macro that only reckons passes, and so does a document without one', async () => {
  expect(await inspectDocument(docWith(reckoning))).toMatchObject({ hasMacros: true })
  for (const document of [
    docWith(reckoning),
    docmWith(reckoning),
    docxOf('AutoOpen Shell'),
    compoundFileOf({ WordDocument: Buffer.from('AutoOpen Shell') }),
  ])
    expect(await dangerOf(document)).toBeUndefined()
})

test('compiled code that its source does not show is found', async () => {
  expect(await dangerOf(stompedDoc())).toMatch(/its source hides what it does: ("calc\.exe"|WinHttpStart)/)
})

test('compiled code that its source shows is no danger', async () => {
  const calls = [{ name: 'Greet', texts: ['Hello "you"', 'x'] }]
  const source = 'Sub Hi()\n  greet "Hello ""you""", "x"\nEnd Sub'
  expect(await dangerOf(docWith({ name: 'Module1', source, compiled: { calls } }))).toBeUndefined()
})

test('names that are missing tell the same, where they are most of them', async () => {
  const call = (name: string) => ({ name, texts: [] })
  const source = 'Sub Hi()\n  One\n  Two\n  Three\nEnd Sub'
  const all = ['Two', 'Three', 'Renamed'].map(call)
  expect(await dangerOf(docWith({ name: 'M', source, compiled: { calls: all } }))).toBeUndefined()
  const most = ['Two', 'Renamed', 'Download'].map(call)
  expect(await dangerOf(docWith({ name: 'M', source, compiled: { calls: most } }))).toMatch(
    'hides what it does: Renamed',
  )
})

test('a document inside a document is looked at', async () => {
  const inner = docmWith(opening)
  expect(await dangerOf(zipOf({ 'word/embeddings/a.docx': inner }))).toMatch('AutoOpen')
  expect(await dangerOf(compoundFileOf({ ObjectPool: { Package: inner } }))).toMatch('AutoOpen')
  expect(await dangerOf(zipOf({ 'word/media/image1.png': compoundFileOf(vbaStorage(opening)) }))).toMatch(
    'AutoOpen',
  )
})

test('source without a project that names it is found', async () => {
  const source = compressVba('Attribute VB_Name = "x"\r\nSub AutoOpen()\r\nEnd Sub\r\n')
  expect(await dangerOf(compoundFileOf({ Anything: Buffer.concat([Buffer.alloc(700, 7), source]) }))).toMatch(
    'AutoOpen',
  )
})

test('the macros of a presentation are found, packed or not', async () => {
  const project = compoundFileOf(vbaStorage(opening))
  const storage = (mark: string, content: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(content.length)
    return compoundFileOf({
      'PowerPoint Document': Buffer.concat([Buffer.alloc(30, 1), Buffer.from(mark, 'hex'), length, content]),
    })
  }
  const packed = Buffer.concat([Buffer.alloc(4), deflateSync(project)])
  expect(await dangerOf(storage('10001110', packed))).toMatch('AutoOpen')
  expect(await dangerOf(storage('00001110', project))).toMatch('AutoOpen')
})

test('macros in a document of XML are found', async () => {
  const blob = Buffer.concat([
    Buffer.from('ActiveMime'),
    Buffer.alloc(40),
    deflateSync(compoundFileOf(vbaStorage(opening))),
  ])
  const lines = blob.toString('base64').replace(/(.{76})/g, '$1\r\n')
  expect(
    await dangerOf(`<?xml version="1.0"?><w:binData w:name="editdata.mso">${lines}</w:binData>`),
  ).toMatch('AutoOpen')
})

const record = (id: number, content: Buffer) => {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id)
  head.writeUInt16LE(content.length, 2)
  return Buffer.concat([head, content])
}
const begin = (type: number) => record(0x0809, Buffer.from([0, 6, type, 0, 0, 0, 0, 0]))
const macroSheet = begin(0x40)
const end = record(0x0a, Buffer.alloc(0))
const named = (flags: number, name: Buffer) => {
  const fixed = Buffer.alloc(14)
  fixed.writeUInt16LE(flags)
  fixed[3] = name.length
  return record(0x18, Buffer.concat([fixed, Buffer.from([0]), name]))
}
const call = (number: number) =>
  record(0x06, Buffer.concat([Buffer.alloc(22), Buffer.from([0x42, 1, number, 0])]))
const workbook = (...records: Buffer[]) =>
  compoundFileOf({ Workbook: Buffer.concat([begin(0x05), ...records, end]) })

test.each([
  [
    'that starts by itself',
    workbook(named(0x20, Buffer.from([1])), end, macroSheet),
    'starts by itself: Auto_Open',
  ],
  [
    'whose name is written out',
    workbook(named(0, Buffer.from('auto_open')), end, macroSheet),
    'starts by itself: auto_open',
  ],
  ['that runs a program', workbook(end, macroSheet, call(110)), 'runs programs: EXEC'],
  ['that is encrypted', workbook(record(0x2f, Buffer.alloc(4)), end, macroSheet), 'nobody can read it'],
])('a macro of Excel 4 %s is dangerous', async (_, document, why) => {
  expect(await dangerOf(document)).toBe(why)
})

test('a workbook without a sheet of macros is not, whatever its names and formulas', async () => {
  const plain = workbook(named(0x20, Buffer.from([1])), end, begin(0x10), call(110))
  expect(await dangerOf(plain)).toBeUndefined()
})

test('sheets of macros in a workbook of today', async () => {
  const sheet = '<xm:macrosheet><c><f>EXEC("calc.exe")</f></c></xm:macrosheet>'
  const quiet = '<xm:macrosheet><c><f>SUM(1)</f></c></xm:macrosheet>'
  const book =
    '<workbook><definedNames><definedName name="_xlnm.Auto_Open">M!$A$1</definedName></definedNames></workbook>'
  expect(await dangerOf(zipOf({ 'xl/macrosheets/sheet1.xml': sheet }))).toBe('runs programs: EXEC')
  expect(await dangerOf(zipOf({ 'xl/macrosheets/sheet1.xml': quiet, 'xl/workbook.xml': book }))).toBe(
    'starts by itself: Auto_Open',
  )
  expect(await dangerOf(zipOf({ 'xl/macrosheets/sheet1.xml': quiet }))).toBeUndefined()
  expect(await dangerOf(zipOf({ 'xl/workbook.xml': book }))).toBeUndefined()
})

test('a spreadsheet of text with a macro of Excel 4', async () => {
  expect(await dangerOf(alertingSylk())).toBe('starts by itself: Auto_open')
  expect(await dangerOf('ID;P\r\nO;E\r\nC;X1;Y1;ECALL("urlmon","x")\r\nE\r\n')).toBe('runs programs: CALL')
  expect(await dangerOf('ID;PWXL;N;E\r\nC;X1;Y1;K"Auto_Open"\r\nE\r\n')).toBeUndefined()
})

test('documents in documents without end cost no more than a moment', async () => {
  const big = zipOf({ 'a.bin': Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(15_000_000)]) })
  const bomb = zipOf(Object.fromEntries(Array.from({ length: 1000 }, (_, nth) => [`${nth}.zip`, big])))
  expect(await dangerOf(zipOf({ a: bomb, b: bomb }))).toBeUndefined()
})
