import { expect, test } from 'vitest'
import { createMessageIndexer, indexMessage } from './indexer.ts'
import type { MessageIndex } from './message-index.ts'

const index = (text: string): MessageIndex => indexMessage(Buffer.from(text))

/** `section type header-body-end/lines` of every entity. */
const shape = ({ parts }: MessageIndex) =>
  parts.map(
    ({ section, type, headerStart, bodyStart, bodyEnd, lines }) =>
      `${section} ${type} ${headerStart}-${bodyStart}-${bodyEnd}/${lines}`,
  )

test.each<[string, string, string[]]>([
  ['an empty message', '', ['1 text/plain 0-0-0/0']],
  ['only an empty line', '\r\n', ['1 text/plain 0-2-2/0']],
  ['only a header', 'Subject: x\r\n', ['1 text/plain 0-12-12/0']],
  ['a header without its line end', 'Subject: x', ['1 text/plain 0-10-10/0']],
  ['a header that ends in a carriage return', 'Subject: x\r\n\r', ['1 text/plain 0-13-13/0']],
  ['a header with its empty line', 'Subject: x\r\n\r\n', ['1 text/plain 0-14-14/0']],
  ['a body without a line end', 'Subject: x\r\n\r\nbody', ['1 text/plain 0-14-18/0']],
  ['a body', 'Subject: x\r\n\r\nbody\r\n', ['1 text/plain 0-14-20/1']],
  ['no header', '\r\nbody\r\n', ['1 text/plain 0-2-8/1']],
  ['bare line feeds', 'Subject: x\n\nbody\n', ['1 text/plain 0-12-17/1']],
  ['bare carriage returns', 'Subject: x\r\rbody\r', ['1 text/plain 0-17-17/0']],
])('%s has the shape that IMAP sees', (_, text, parts) => {
  expect(shape(index(text))).toEqual(parts)
})

const multipart = (body: string, boundary = 'b') =>
  `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n${body}`

/** `section: header | body | lines` of everything inside the outer multipart. */
function contents(text: string): string[] {
  const inner = index(text).parts.slice(1)
  return inner.map(({ section, headerStart, bodyStart, bodyEnd, lines }) => {
    const pieces = [text.slice(headerStart, bodyStart), text.slice(bodyStart, bodyEnd), lines]
    return `${section}: ${pieces.map((piece) => JSON.stringify(piece)).join(' | ')}`
  })
}

test.each<[string, string, string[]]>([
  [
    'two parts',
    '--b\r\nX: y\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n',
    ['1: "X: y\\r\\n\\r\\n" | "one" | 0', '2: "\\r\\n" | "two" | 0'],
  ],
  [
    'preamble and epilogue',
    'pre\r\n--b\r\n\r\none\r\n--b--\r\nepilogue\r\n--b\r\n',
    ['1: "\\r\\n" | "one" | 0'],
  ],
  ['blanks behind a boundary', '--b \t\r\n\r\none\r\n--b--  \r\n', ['1: "\\r\\n" | "one" | 0']],
  ['bare line feeds', '--b\n\none\n--b--\n', ['1: "\\n" | "one" | 0']],
  ['a part that ends with an empty line', '--b\r\n\r\none\r\n\r\n--b--', ['1: "\\r\\n" | "one\\r\\n" | 1']],
  ['an empty part', '--b\r\n\r\n--b--\r\n', ['1: "\\r\\n" | "" | 0']],
  ['a part without an empty line', '--b\r\nX: y\r\n--b--\r\n', ['1: "X: y\\r\\n" | "" | 0']],
  [
    'an enclosed message without a body',
    '--b\r\nContent-Type: message/rfc822\r\n\r\n\r\n--b--',
    ['1: "Content-Type: message/rfc822\\r\\n\\r\\n" | "\\r\\n" | 1', '1.1: "\\r\\n" | "" | 0'],
  ],
  [
    'nothing between two boundaries',
    '--b\r\n--b\r\n\r\nx\r\n--b--',
    ['1: "" | "" | 0', '2: "\\r\\n" | "x" | 0'],
  ],
  ['no last boundary', '--b\r\n\r\none\r\n', ['1: "\\r\\n" | "one\\r\\n" | 1']],
  ['a boundary cut by the end', '--b\r\n\r\none\r\n--b', ['1: "\\r\\n" | "one" | 0', '2: "" | "" | 0']],
  ['a last boundary without a line end', '--b\r\n\r\none\r\n--b--', ['1: "\\r\\n" | "one" | 0']],
  [
    'lines that only look like the boundary',
    '--b\r\n\r\n--\r\n --b\r\n-b\r\n--B\r\n--b--',
    ['1: "\\r\\n" | "--\\r\\n --b\\r\\n-b\\r\\n--B" | 3'],
  ],
  ['text behind a boundary', '--b x\r\n\r\none\r\n--b--</html>\r\n', ['1: "\\r\\n" | "one" | 0']],
  ['no part at all', 'text\r\n', ['1: "" | "text\\r\\n" | 1']],
])('a multipart with %s', (_, body, parts) => {
  expect(contents(multipart(body))).toEqual(parts)
})

test('the boundary of an outer multipart ends the inner ones', () => {
  const inner = 'Content-Type: multipart/alternative; boundary=i\r\n\r\n'
  expect(contents(multipart(`--b\r\n${inner}--i\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--i\r\n--b--`))).toEqual([
    `1: ${JSON.stringify(inner)} | "--i\\r\\n\\r\\none" | 2`,
    '1.1: "\\r\\n" | "one" | 0',
    '2: "\\r\\n" | "two\\r\\n--i" | 1',
  ])
})

test('of two boundaries that begin alike the longer one gets its lines', () => {
  const inner = 'Content-Type: multipart/alternative; boundary=bb\r\n\r\n'
  expect(contents(multipart(`--b\r\n${inner}--bb\r\n\r\none\r\n--bb--\r\n--b--`))).toEqual([
    `1: ${JSON.stringify(inner)} | "--bb\\r\\n\\r\\none\\r\\n--bb--" | 3`,
    '1.1: "\\r\\n" | "one" | 0',
  ])
})

test('of two multiparts with the same boundary the inner one gets the parts', () => {
  const inner = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--'
  const { parts } = index(multipart(`--b\r\n${inner}\r\n--b\r\n\r\ntwo\r\n--b--`))
  expect(parts.map(({ section }) => section)).toEqual(['TEXT', '1', '1.1', '2'])
})

test('in a digest a part without a type is a message', () => {
  const text = 'Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: in\r\n\r\nx\r\n--b--'
  expect(index(text).parts.map(({ section, type }) => `${section} ${type}`)).toEqual([
    'TEXT multipart/digest',
    '1 message/rfc822',
    '1.1 text/plain',
  ])
})

test.each([
  ['without a type', '', 'text/plain'],
  ['with a type of one word', 'Content-Type: text', 'text/plain'],
  ['with nonsense as type', 'Content-Type: ;', 'text/plain'],
  ['as a multipart without a boundary', 'Content-Type: multipart/mixed', 'text/plain'],
  [
    'as an encoded message',
    'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64',
    'message/rfc822',
  ],
])('a message %s is one leaf', (_, field, type) => {
  const { parts, bodyStructure } = index(`${field}\r\n\r\nbody\r\n`)
  expect(parts.map((part) => [part.section, part.type])).toEqual([['1', type]])
  expect(bodyStructure).not.toContain('rfc822')
})

test('gives what search, sorting and threading ask for', () => {
  const header = [
    'Date: Thu, 13 Feb 2025 00:30:00 +0100',
    'From: =?utf-8?Q?J=C3=BCrgen?= <j@x.test>, b@x.test',
    'To: Friends: a@y.test, C <c@y.test>;',
    'To: d@y.test',
    'Cc: "Last, First" <e@y.test>',
    'Subject: Re: [list] =?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
    'Message-ID: <1@x.test>',
    'In-Reply-To: Your message <0@y.test>',
    'References: <a@y.test>\r\n <b@y.test>',
  ].join('\r\n')
  expect(index(`${header}\r\n\r\nHello,\r\n\r\n  world`)).toMatchObject({
    messageId: '1@x.test',
    inReplyTo: ['0@y.test'],
    references: ['a@y.test', 'b@y.test'],
    subject: 'Re: [list] Grüße',
    baseSubject: 'Grüße',
    isReply: true,
    fromText: 'Jürgen <j@x.test>, b@x.test',
    toText: 'Friends: a@y.test, C <c@y.test>;, d@y.test',
    ccText: 'Last, First <e@y.test>',
    bccText: '',
    from: { name: 'Jürgen', local: 'j', domain: 'x.test' },
    to: { name: undefined, local: 'a', domain: 'y.test' },
    cc: { name: 'Last, First', local: 'e', domain: 'y.test' },
    sentAt: Date.parse('2025-02-12T23:30:00Z'),
    sentDay: Date.parse('2025-02-13') / 86_400_000,
    preview: 'Hello, world',
    truncated: false,
  })
})

test.each([
  [
    'Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ngr=FCn =\r\nand\0 more',
    'grün and more',
  ],
  [
    'Content-Transfer-Encoding: base64\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nZ3LDvG4=\r\n',
    'grün',
  ],
  ['Content-Type: text/html\r\n\r\n<style>x</style><p>a&amp;b\u200c</p>', 'a&b'],
  ['Content-Type: image/png\r\n\r\nx', ''],
  [multipart('--b\r\n\r\n \r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--b--'), 'html'],
  [multipart('--b\r\nContent-Disposition: attachment\r\n\r\nno\r\n--b\r\n\r\nyes\r\n--b--'), 'yes'],
  [multipart('--b\r\nContent-Type: message/rfc822\r\n\r\n\r\ninner\r\n--b--'), ''],
  [`\r\n${'\u{1f600}'.repeat(300)}`, '\u{1f600}'.repeat(256)],
  [`\r\n${'word '.repeat(2000)}`, 'word '.repeat(52).slice(0, 256).trimEnd()],
])('the preview of %j is %j', (text, preview) => {
  expect(index(text).preview).toBe(preview)
})

test.each<[string, number]>([
  ['Content-Type: text/plain\r\n\r\nx', 0],
  ['Content-Type: application/pdf\r\n\r\nx', 1],
  [
    multipart(
      '--b\r\n\r\nx\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\r\nx\r\n--b--',
    ),
    2,
  ],
  [multipart('--b\r\n\r\nx\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--'), 0],
  [
    'Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\nx\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <a@b>\r\n\r\nx\r\n--b--',
    0,
  ],
])('%j has %i attachments', (text, attachments) => {
  expect(index(text).attachments).toBe(attachments)
})

test('what is past a limit is one opaque leaf, and the index says so', () => {
  const nested = (levels: number) => {
    const opened = Array.from({ length: levels }, (_, level) => multipart(`--x${level}\r\n`, `x${level}`))
    return `${opened.join('')}\r\ntext`
  }
  const deep = indexMessage(Buffer.from(nested(5)), { depth: 3 })
  expect([deep.parts.at(-1)?.type, deep.parts.length, deep.truncated]).toEqual(['multipart/mixed', 4, true])
  expect(deep.bodyStructure).toContain('"application" "octet-stream"')
  const many = indexMessage(Buffer.from(multipart('--b\r\n\r\nx\r\n'.repeat(20))), { parts: 5 })
  expect([many.parts.length, many.parts.at(-1)?.type, many.truncated]).toEqual([
    6,
    'application/octet-stream',
    true,
  ])
  const wordy = indexMessage(Buffer.from(`Subject: ${'x'.repeat(100)}\r\nFrom: a@b\r\n\r\n`), {
    headerBytes: 50,
  })
  expect([wordy.subject.length, wordy.from, wordy.truncated]).toEqual([41, undefined, true])
})

test('the index is plain data', () => {
  const message = index(multipart('--b\r\n\r\nx\r\n--b--'))
  expect(structuredClone(message)).toEqual(message)
})

test('nothing pushed is an empty message', () => {
  const indexer = createMessageIndexer()
  indexer.push(new Uint8Array(0))
  expect(indexer.end()).toMatchObject({ size: 0, lines: 0, headerBytes: 0 })
})
