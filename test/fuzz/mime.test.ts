import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAddressList } from '../../src/lib/mime/address-list.ts'
import { withoutExtensions } from '../../src/lib/mime/body-structure.ts'
import {
  formatImapDateTime,
  formatMessageDate,
  parseImapDateTime,
  parseMessageDate,
} from '../../src/lib/mime/date.ts'
import { debinary } from '../../src/lib/mime/debinary.ts'
import { createTransferDecoder, decodeTransfer } from '../../src/lib/mime/decode.ts'
import { decodeWords, encodeWords } from '../../src/lib/mime/encoded-word.ts'
import { fieldDropper, fieldPicker, readHeader } from '../../src/lib/mime/header.ts'
import { createMessageIndexer, indexMessage } from '../../src/lib/mime/indexer.ts'
import { listFieldPicker, packListFields } from '../../src/lib/mime/list-fields.ts'
import type { MessageIndex } from '../../src/lib/mime/message-index.ts'
import { parseParameters } from '../../src/lib/mime/parameters.ts'
import { packParts, unpackParts } from '../../src/lib/mime/sections.ts'
import { baseSubject } from '../../src/lib/mime/subject.ts'

/** The cheap properties run more often; under `npm run fuzz` the clock decides. */
const often = process.env['FUZZ_SECONDS'] === undefined ? { numRuns: 2000 } : {}

const latin1 = (text: string) => Buffer.from(text, 'latin1')

/** Pieces of which messages are made, and of which broken ones are. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      '\r\n',
      '\n',
      '\r',
      '\r\n\r\n',
      '\n\n',
      ' ',
      '\t',
      '\0',
      '-',
      '--',
      '--b',
      '--b--',
      '\r\n--b\r\n',
      '\r\n--bb\r\n',
      '\r\n--b--\r\n',
      '\r\n--bb--',
      '--b \t\r\n',
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b\r\n',
      'Content-Type: multipart/digest;\r\n boundary="bb"\r\n',
      'Content-Type: message/rfc822\r\n',
      'Content-Type: text/html; charset=utf-8\r\n',
      "Content-Type: text/plain; name*0*=utf-8''%c3; name*1=x\r\n",
      'Content-Transfer-Encoding: base64\r\n',
      'Content-Transfer-Encoding: quoted-printable\r\n',
      'Content-Disposition: attachment; filename="a\\"b"\r\n',
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'From: "A" <a@b>, G: c@d;\r\n',
      'Subject: Re: =?utf-8?Q?=C3=A4?= [x]\r\n',
      'To: <',
      'Date: Thu, 13 Feb 2025 10:00:00 +0100\r\n',
      'Message-ID: <1@x>\r\n',
      'References: <1@x> <2@x\r\n',
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
)
const message = fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.join('')))

test('a message gives the same index however it is cut, and twice the same parts', () => {
  fc.assert(
    fc.property(
      message,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      (bytes, sizes) => {
        const indexer = createMessageIndexer()
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          indexer.push(bytes.subarray(at, at + size))
          at += size
        }
        const index = indexer.end()
        expect(index).toEqual(indexMessage(bytes))
        expect(unpackParts(packParts(index.parts))).toEqual(index.parts)
      },
    ),
    often,
  )
})

test('any bytes give an index that IMAP can send and whose parts lie inside each other', () => {
  fc.assert(
    fc.property(fc.oneof(message, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const index = indexMessage(bytes)
      expect(index.size).toBe(bytes.length)
      expect(index.lines).toBe(bytes.filter((octet) => octet === 10).length)
      expect(listLength(readWire(index.envelope))).toBe(10)
      expect(shapeOf(readWire(index.bodyStructure), true)).toEqual(
        shapeOf(readWire(withoutExtensions(index.bodyStructure)), false),
      )
      for (const part of index.parts) expectInside(index, part)
    }),
    often,
  )
})

function expectInside({ parts, size }: MessageIndex, part: MessageIndex['parts'][number]): void {
  const around = parts[part.parent] ?? { bodyStart: 0, bodyEnd: size }
  expect(part.headerStart).toBeGreaterThanOrEqual(around.bodyStart)
  expect(part.bodyStart).toBeGreaterThanOrEqual(part.headerStart)
  expect(part.bodyEnd).toBeGreaterThanOrEqual(part.bodyStart)
  expect(part.bodyEnd).toBeLessThanOrEqual(around.bodyEnd)
  expect(part.lines).toBeGreaterThanOrEqual(0)
}

type Wire = string | readonly Wire[]

/** Strings, numbers, NIL and lists of RFC 9051 §9, without literals and without eight bits. */
function readWire(text: string): Wire {
  expect(Buffer.from(text).every((octet) => octet > 0 && octet < 128)).toBe(true)
  const tokens = text.match(/"(?:[^"\\\r\n]|\\["\\])*"|[()]|[^\s()"]+|\s/g) ?? []
  expect(tokens.join('')).toBe(text)
  const stack: Wire[][] = [[]]
  for (const token of tokens) {
    if (token === '(') stack.push([])
    else if (token === ')') {
      const list = stack.pop() ?? []
      stack.at(-1)?.push(list)
    } else if (token !== ' ')
      stack.at(-1)?.push(/^(?:NIL|\d+)$/.test(token) || token.startsWith('"') ? token : `unknown ${token}`)
  }
  expect(stack).toHaveLength(1)
  expect(text).not.toContain('unknown')
  return stack[0]?.[0] ?? ''
}

const listLength = (wire: Wire) => (typeof wire === 'string' ? -1 : wire.length)

/** The tree of types, once the number of fields of each body is right. */
function shapeOf(wire: Wire, hasExtensions: boolean): unknown {
  if (typeof wire === 'string') throw new Error(`a body is a list, not ${wire}`)
  const bodies = wire.findIndex((field) => typeof field === 'string')
  if (bodies > 0) {
    expect(wire.length - bodies).toBe(hasExtensions ? 5 : 1)
    return [wire[bodies], wire.slice(0, bodies).map((body) => shapeOf(body, hasExtensions))]
  }
  const isMessage = wire[0] === '"message"' && (wire[1] === '"rfc822"' || wire[1] === '"global"')
  const own = (isMessage ? 3 : 0) + (wire[0] === '"text"' ? 1 : 0)
  expect(wire.length).toBe(7 + own + (hasExtensions ? 4 : 0))
  return [wire[0], wire[1], isMessage ? shapeOf(wire[8] ?? '', hasExtensions) : wire[6]]
}

test('a header is the sum of the fields picked and the fields dropped', () => {
  const headerPiece = fc.constantFrom('a: b', 'C', ':', '\r\n', '\n', ' ', '\r\n ', 'a', '\r', '\0')
  fc.assert(
    fc.property(fc.array(headerPiece, { maxLength: 30 }), (pieces) => {
      const bytes = latin1(pieces.join(''))
      const { fields, text } = readHeader(bytes)
      expect(fields.map(({ start, end }) => text.slice(start, end)).join('')).toBe(
        text.slice(0, fields.at(-1)?.end ?? 0),
      )
      const sizes = [fieldPicker(['a'])(text), fieldDropper(['a'])(text)].map(
        (one) => readHeader(latin1(one)).fields.length,
      )
      expect(sizes[0]).toBe(fields.filter(({ name }) => name === 'a').length)
      expect(sizes[1]).toBe(fields.filter(({ name }) => name !== 'a').length)
    }),
  )
})

test('short fields that are kept apart are those that the header has', () => {
  const asked = ['subject', 'to', 'References']
  const line = fc.oneof(
    fc.constantFrom(
      'Subject: a',
      'TO:',
      'Received: b',
      'References: <a>',
      ' more',
      '\tmore',
      '',
      'none',
      'to : ü',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text).toString('latin1')),
  )
  const lines = fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\n')), { maxLength: 30 })
  fc.assert(
    fc.property(lines, (pieces) => {
      const header = pieces.map((piece) => piece.join('')).join('')
      const packed = packListFields(header)
      if (packed !== undefined) expect(listFieldPicker(asked)?.(packed)).toBe(fieldPicker(asked)(header))
    }),
  )
})

test('field values of any text are read without complaint', () => {
  const marks = fc.constantFrom(
    '<',
    '>',
    '"',
    '\\',
    '(',
    ')',
    '@',
    ',',
    ';',
    ':',
    '=?',
    '?=',
    '?Q?',
    '=?utf-8?B?',
    '*0*',
    '=',
    "'",
    '%c3',
    '[',
    ']',
    '.',
    ' ',
    're:',
    '(fwd)',
    '[fwd: ',
    'Jan',
    '1',
  )
  fc.assert(
    fc.property(
      fc.array(fc.oneof(marks, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 40 }),
      (pieces) => {
        const text = pieces.join('')
        parseAddressList(text)
        parseParameters(text)
        parseMessageDate(text)
        parseImapDateTime(text)
        baseSubject(decodeWords(text))
      },
    ),
    often,
  )
})

test('encoded words give back the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('=?')),
      (text) => {
        const encoded = encodeWords(text)
        expect(encoded).toMatch(/^[\0-\x7f]*$/)
        expect(decodeWords(encoded)).toBe(text)
      },
    ),
  )
})

test('dates are read back as they were written', () => {
  const instant = fc
    .integer({ min: Date.parse('1000-01-03'), max: Date.parse('9998-12-31') })
    .map((at) => at - (at % 1000))
  fc.assert(
    fc.property(instant, fc.integer({ min: -1439, max: 1439 }), (at, zoneMinutes) => {
      expect(parseMessageDate(formatMessageDate(at, zoneMinutes))).toEqual({ at, zoneMinutes })
      expect(parseImapDateTime(formatImapDateTime(at, zoneMinutes))).toEqual({ at, zoneMinutes })
    }),
  )
})

test.each(['base64', 'quoted-printable', '8bit'])('%s is decoded the same however it is cut', (encoding) => {
  const token = fc.constantFrom('A', 'QUJD', '=', '==', '=3D', '=3', '\r\n', '\n', '\r', ' ', '\t', 'é', '-')
  fc.assert(
    fc.property(fc.array(token, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (tokens, size) => {
      const bytes = latin1(tokens.join(''))
      const decoder = createTransferDecoder(encoding)
      const pieces: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += size)
        pieces.push(decoder?.push(bytes.subarray(at, at + size)) ?? bytes)
      pieces.push(decoder?.end() ?? bytes)
      expect(Buffer.concat(pieces)).toEqual(Buffer.from(decodeTransfer(bytes, encoding)))
    }),
  )
})

test('base64 of any bytes gives them back', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString('base64').replace(/.{76}/g, '$&\r\n')
      expect(Buffer.from(decodeTransfer(latin1(text), 'base64'))).toEqual(Buffer.from(bytes))
    }),
  )
})

test('a binary body is found again in the message that carries it as base64', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
      const head =
        'Content-Type: multipart/mixed; boundary=never-inside\r\n\r\n--never-inside\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n'
      const carried = debinary(Buffer.concat([latin1(head), body, latin1('\r\n--never-inside--\r\n')]))
      const part = indexMessage(carried).parts[1]
      const found = carried.subarray(part?.bodyStart, part?.bodyEnd)
      expect(Buffer.from(decodeTransfer(found, part?.encoding ?? ''))).toEqual(Buffer.from(body))
      expect(debinary(carried)).toBe(carried)
    }),
  )
})

const nested = (levels: number, boundary: (level: number) => string) =>
  Array.from(
    { length: levels },
    (_, level) =>
      `Content-Type: multipart/mixed; boundary="${boundary(level)}"\r\n\r\n--${boundary(level)}\r\n`,
  ).join('')
const multipart = (body: string) => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${body}`
const millions = 5_000_000

/** Messages that somebody makes to hurt: name, message. */
const attacks: readonly (readonly [string, string])[] = [
  ['3,000 nested multiparts', nested(3000, (level) => `b${level}`)],
  ['3,000 nested multiparts with one boundary', nested(3000, () => 'b')],
  ['3,000 nested messages', 'Content-Type: message/rfc822\r\n\r\n'.repeat(3000)],
  ['20,000 parts', multipart('--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(20_000))],
  ['a million boundaries', multipart('--b\r\n'.repeat(1_000_000))],
  ['5 MB of header fields', 'X-A: b\r\n'.repeat(millions / 8)],
  ['5 MB of one field', `X-A: ${'b'.repeat(millions)}`],
  ['5 MB of folded lines', `Subject: a\r\n${' b\r\n'.repeat(millions / 4)}`],
  ['5 MB of NUL', '\0'.repeat(millions)],
  ['5 MB of line feeds', multipart('\n'.repeat(millions))],
  ['5 MB of carriage returns', multipart('\r'.repeat(millions))],
  ['5 MB of dashes', multipart('\n--'.repeat(millions / 3))],
  ['5 MB of eight bits', multipart('\n--\xff'.repeat(millions / 4))],
  ['5 MB of lines like the boundary', multipart('\n--b x'.repeat(millions / 6))],
  ['long lines like the boundary', multipart(`\n--b${' '.repeat(900)}x`.repeat(5000))],
  ['a line like the boundary that never ends', multipart(`--b${' '.repeat(millions)}`)],
  ...['(', '"', '<', '@', '\\"', 'a . ', 'a ', 'a:', 'a:;', '@[', ', ', '((', '=?a?q?', '=?utf-8?Q?a?= '].map(
    (mark) =>
      [`an address field full of ${mark}`, `To: ${mark.repeat(250_000 / mark.length)}\r\n\r\n`] as const,
  ),
  ...['=?', '=?utf-8?Q?a?= ', 're: [a] ', '[a]', '[fwd: ', '(fwd)', ' ', '\t \t'].map(
    (mark) =>
      [`a subject full of ${mark}`, `Subject: a${mark.repeat(250_000 / mark.length)}x\r\n\r\n`] as const,
  ),
  ...[';', '; a=b', '(', '(a)', '"', '\\', ' (', 'a*0=b;', '=', "; a*0*=''%"].map(
    (mark) =>
      [
        `a type full of ${mark}`,
        `Content-Type: text/plain;${mark.repeat(250_000 / mark.length)}\r\n\r\n`,
      ] as const,
  ),
  ...['<', '<!--', '<style>', '<p', '&', '&#', '</'].map(
    (mark) => [`HTML full of ${mark}`, `Content-Type: text/html\r\n\r\n${mark.repeat(30_000)}`] as const,
  ),
  ...['= ', '==', '=4'].map(
    (mark) =>
      [
        `quoted-printable full of ${mark}`,
        `Content-Transfer-Encoding: quoted-printable\r\n\r\n${mark.repeat(30_000)}`,
      ] as const,
  ),
]

test.each(attacks)('%s costs no more than mail of its size may', (_, text) => {
  const bytes = latin1(text)
  const start = process.cpuUsage()
  const indexer = createMessageIndexer()
  for (let at = 0; at < bytes.length; at += 16_384) indexer.push(bytes.subarray(at, at + 16_384))
  indexer.end()
  const { user, system } = process.cpuUsage(start)
  // measured below 150 ms on a quiet machine; anything quadratic takes seconds
  expect((user + system) / 1000).toBeLessThan(1000)
})
