import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { docxOf, zipOf } from '../../../../test/support/documents.ts'
import { applyRules } from '../rules/rule.ts'
import { fileFromEnds } from './attached.ts'
import { fileRules } from './file-rules.ts'
import { inspect } from './inspect.ts'

const whole = (name: string, octets: Uint8Array, type = 'application/octet-stream') => ({
  name,
  type,
  head: octets,
  tail: octets,
})
const found = (name: string, octets: Uint8Array) =>
  applyRules(fileRules, [inspect(whole(name, octets))]).map(
    ({ symbol, parameters }) => `${symbol} ${parameters?.join(', ')}`,
  )

const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100), Buffer.from('PE\0\0')])

/** The directory says of each file that it is encrypted. */
function encrypted(zip: Buffer): Buffer {
  const copy = Buffer.from(zip)
  for (let at = copy.indexOf('PK\x01\x02'); at >= 0; at = copy.indexOf('PK\x01\x02', at + 4)) copy[at + 8] = 1
  return copy
}

/** A small number of seven-bit pieces; those of these tests have one. */
const rar5Block = (...body: number[]) => Buffer.from([0, 0, 0, 0, body.length, ...body])
function rar5(name: string, ...extra: number[]): Buffer {
  const text = [...Buffer.from(name)]
  // type, flags (extra area, data), extra size, data size, file flags, unpacked size, attributes, method, system, name
  const file = [2, extra.length > 0 ? 3 : 2, ...(extra.length > 0 ? [extra.length] : []), 4, 0, 9, 0, 0, 0]
  return Buffer.concat([
    Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1'),
    rar5Block(1, 0, 0),
    rar5Block(...file, text.length, ...text, ...extra),
    Buffer.from('data'),
    rar5Block(5, 0, 0),
  ])
}

function rar4(name: string, flags = 0): Buffer {
  const header = Buffer.alloc(32)
  header[2] = 0x74
  header.writeUInt16LE(0x8000 | flags, 3)
  header.writeUInt16LE(32 + name.length, 5)
  header.writeUInt32LE(4, 7)
  header.writeUInt16LE(name.length, 26)
  const main = Buffer.from([0, 0, 0x73, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0])
  const end = Buffer.from([0, 0, 0x7b, 0, 0x40, 7, 0])
  return Buffer.concat([
    Buffer.from('Rar!\x1a\x07\x00', 'latin1'),
    main,
    header,
    Buffer.from(`${name}data`),
    end,
  ])
}

function tar(name: string): Buffer {
  const header = Buffer.alloc(512)
  header.write(name)
  header.write('00000000004\0', 124)
  header.write('ustar', 257)
  return Buffer.concat([header, Buffer.alloc(512, 'x'), Buffer.alloc(1024)])
}

function sevenZip(directory: Buffer): Buffer {
  const head = Buffer.alloc(32)
  head.write('7z\xbc\xaf\x27\x1c', 'latin1')
  head.writeBigUInt64LE(BigInt(directory.length), 20)
  return Buffer.concat([head, Buffer.alloc(50), directory])
}

/** Made by `7z a`, with `-mhc=off` and without: `invoice.pdf.exe` and `Grüße.txt`. */
const plain7z = Buffer.from(
  'N3q8ryccAASEu1TuCQAAAAAAAACGAAAAAAAAANUszogBAARhCmhpCgABBAYAAQkJAAcLAQABISEBAAwFAAgNAgkCCgEHoerdenpv7QAABQIZBAAAAAARNQBHAHIA/ADfAGUALgB0AHgAdAAAAGkAbgB2AG8AaQBjAGUALgBwAGQAZgAuAGUAeABlAAAAFBIBAAEPfBTYed0BAQ98FNh53QEVCgEAIICkgSCApIEAAA==',
  'base64',
)
const packed7z = Buffer.from(
  'N3q8ryccAATMRwDXewAAAAAAAAAhAAAAAAAAAF/yyy8BAARhCmhpCgAAAIEzB64P4OxyY2LTejR4Zaj6Vcx0HYlwsX4a/8bJA7BUiO4O5/4sJtQJ8Zg4vpvBKYjmtF6xmY1pB8zVbdUYdggfdQTys8Or0XfhUukakv/gi9ndU15IoL/U7LmJAnYit4v7LQjFRJkcVWFAeuMAAAAXBgkBCXIABwsBAAEjAwEBBV0AEAAADICGCgHVLM6IAAA=',
  'base64',
)

test.each<[string, string, Buffer, string[]]>([
  ['a letter in a zip', 'a.zip', zipOf({ 'a.txt': 'a', 'b.pdf': 'b' }), []],
  ['a document, which is a zip', 'a.docx', docxOf('hello'), []],
  ['a plugin, which is a zip', 'a.xpi', zipOf({ mimetype: 'x', 'a.js': 'b' }), []],
  ['a project with a script', 'site.zip', zipOf({ 'a.html': 'a', 'a.js': 'b' }), ['MIME_BAD_EXTENSION a.js']],
  [
    'a script alone in a zip',
    'photos.zip',
    zipOf({ 'photo.jpg.js': 'x' }),
    ['MIME_BAD_EXTENSION photo.jpg.js', 'SINGLE_FILE_ARCHIVE_WITH_EXE photo.jpg.js'],
  ],
  [
    'a script in a zip that calls itself an invoice',
    'Rechnung_4711.zip',
    zipOf({ 'folder/': '', 'folder/Rechnung.exe': 'x' }),
    [
      'MIME_BAD_EXTENSION folder/Rechnung.exe',
      'SINGLE_FILE_ARCHIVE_WITH_EXE folder/Rechnung.exe',
      'EXE_ARCHIVE_CLICKBAIT_FILENAME Rechnung_4711.zip',
    ],
  ],
  ['an encrypted zip', 'a.zip', encrypted(zipOf({ 'a.txt': 'a' })), ['MIME_ENCRYPTED_ARCHIVE a.zip']],
  ['a zip in a zip', 'a.zip', zipOf({ 'b.zip': 'x' }), ['MIME_ARCHIVE_IN_ARCHIVE b.zip']],
  [
    'a name written backwards',
    'a.zip',
    zipOf({ 'a\u202egpj.txt': 'x', 'b.txt': 'y' }),
    ['MIME_OBFUSCATED_ARCHIVE a\u202egpj.txt'],
  ],
  [
    'a disk of nothing',
    'a.zip',
    zipOf({ 'a.img': Buffer.alloc(2_000_000), 'b.txt': 'x' }),
    ['MIME_BAD_EXTENSION a.img', 'UDF_COMPRESSION_500PLUS a.img'],
  ],
  [
    'a program that calls itself a picture',
    'a.jpg',
    program,
    ['MIME_BAD_ATTACHMENT a.jpg', 'MIME_BAD a.jpg'],
  ],
  ['a zip that calls itself a PDF', 'a.pdf', zipOf({ 'a.txt': 'x' }), ['MIME_BAD a.pdf']],
  [
    'a text that begins as programs do',
    'a.txt',
    Buffer.from(`MZ${'is the code of Mozambique. '.repeat(9)}`),
    [],
  ],
  ['an honest picture', 'a.png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), []],
  ['a RAR', 'a.rar', rar5('a.exe'), ['MIME_BAD_EXTENSION a.exe', 'SINGLE_FILE_ARCHIVE_WITH_EXE a.exe']],
  [
    'an older RAR',
    'a.rar',
    rar4('a.scr'),
    ['MIME_BAD_EXTENSION a.scr', 'SINGLE_FILE_ARCHIVE_WITH_EXE a.scr'],
  ],
  ['an encrypted RAR', 'a.rar', rar5('a.txt', 2, 1, 0), ['MIME_ENCRYPTED_ARCHIVE a.rar']],
  ['an older encrypted RAR', 'a.rar', rar4('a.txt', 4), ['MIME_ENCRYPTED_ARCHIVE a.rar']],
  [
    'a RAR that calls itself a zip',
    'a.zip',
    rar5('a.exe'),
    [
      'MIME_BAD_EXTENSION a.exe',
      'SINGLE_FILE_ARCHIVE_WITH_EXE a.exe',
      'MISIDENTIFIED_RAR a.zip',
      'EXE_IN_MISIDENTIFIED_RAR a.exe',
    ],
  ],
  [
    'a RAR that hides its names',
    'a.rar',
    Buffer.concat([Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1'), rar5Block(4, 0, 0)]),
    ['MIME_ENCRYPTED_ARCHIVE a.rar'],
  ],
  [
    'a 7z that hides its names',
    'a.7z',
    sevenZip(Buffer.from([0x17, 6, 1, 9, 0x06, 0xf1, 0x07, 0x01, 0])),
    ['MIME_ENCRYPTED_ARCHIVE a.7z'],
  ],
  ['a 7z whose names are packed', 'a.7z', packed7z, ['UNREADABLE_ARCHIVE a.7z']],
  ['a 7z whose names stand there', 'a.7z', plain7z, ['MIME_BAD_EXTENSION invoice.pdf.exe']],
  ['a tar', 'a.tar', tar('a.exe'), ['MIME_BAD_EXTENSION a.exe', 'SINGLE_FILE_ARCHIVE_WITH_EXE a.exe']],
  [
    'a packed program',
    'a.exe.gz',
    gzipSync(program),
    ['MIME_BAD_EXTENSION a.exe', 'SINGLE_FILE_ARCHIVE_WITH_EXE a.exe'],
  ],
  ['a packed tar', 'a.tar.gz', gzipSync(tar('a.txt')), []],
  [
    'a PDF under lock and key, with a script',
    'a.pdf',
    Buffer.from('%PDF-1.7\n<< /JavaScript (x) >>\ntrailer << /Encrypt 5 0 R >>'),
    ['PDF_ENCRYPTED a.pdf', 'PDF_JAVASCRIPT a.pdf'],
  ],
])('%s (%s)', (_, name, octets, expected) => {
  expect(found(name, octets)).toEqual(expected)
})

test('of a large zip its ends are enough', () => {
  const zip = zipOf({
    'a.bin.exe': Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919) & 255)),
  })
  const raw = Buffer.from(zip.toString('base64').replaceAll(/.{76}/g, '$&\r\n'))
  const file = fileFromEnds(
    { name: 'a.zip', type: 'application/zip', encoding: 'base64' },
    raw.subarray(0, 1000),
    raw.subarray(-701),
  )
  expect(inspect(file).inside?.programs).toEqual(['a.bin.exe'])
})

test('whatever the octets, looking ends, and soon', () => {
  const starts = [
    rar5('a.exe'),
    rar4('a.exe'),
    zipOf({ a: 'b' }),
    tar('a'),
    sevenZip(Buffer.alloc(9)),
    plain7z,
    gzipSync('x'),
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...starts),
      fc.uint8Array({ maxLength: 400 }),
      fc.nat(60),
      (start, noise, at) => {
        const octets = Buffer.concat([start.subarray(0, at + 8), noise, start.subarray(at + 8)])
        inspect(whole('a.zip', octets))
      },
    ),
    { numRuns: 2000 },
  )
})

test('an archive of very many files, or headers that lead nowhere, cost little', () => {
  const many = zipOf(Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`${at}.txt`, ''])))
  const blocks = Buffer.concat([Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1'), Buffer.alloc(512_000)])
  const before = process.cpuUsage()
  inspect(whole('a.zip', many))
  inspect(whole('a.rar', blocks))
  inspect(whole('a.7z', sevenZip(Buffer.concat([Buffer.from([1]), Buffer.alloc(500_000, 0x11)]))))
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000)
})
