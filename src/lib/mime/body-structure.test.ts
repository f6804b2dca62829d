import { expect, test } from 'vitest'
import { withoutExtensions } from './body-structure.ts'
import { indexMessage } from './indexer.ts'

const structure = (text: string) => indexMessage(Buffer.from(text)).bodyStructure
const lines = (count: number, octets: number) =>
  `${'x\r\n'.repeat(count - 1)}${'y'.repeat(octets - 3 * count + 1)}\r\n`

/** RFC 9051 compares these names without case; its examples shout. */
const quiet = (wire: string) =>
  wire.replace(/"(?:TEXT|PLAIN|CHARSET|NAME|7BIT|BASE64|MIXED)"/g, (word) => word.toLowerCase())

test('is that of RFC 9051 §8 for its message', () => {
  const message = `Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n${lines(92, 3028)}`
  expect(withoutExtensions(structure(message))).toBe(
    quiet('("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92)'),
  )
})

test('is that of RFC 9051 §7.5.2 for a text and an encoded text', () => {
  const message = [
    'Content-Type: MULTIPART/MIXED; BOUNDARY=b',
    '',
    '--b',
    'Content-Type: TEXT/PLAIN; CHARSET=US-ASCII',
    '',
    lines(23, 1152),
    '--b',
    'Content-Type: TEXT/PLAIN; CHARSET=US-ASCII; NAME="cc.diff"',
    'Content-ID: <960723163407.20117h@cac.washington.edu>',
    'Content-Description: Compiler diff',
    'Content-Transfer-Encoding: BASE64',
    '',
    lines(73, 4554),
    '--b--',
  ].join('\r\n')
  expect(withoutExtensions(structure(message))).toBe(
    quiet(
      '(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") "<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED")',
    ),
  )
})

const leaf = (fields: string) => structure(`${fields}\r\n\r\nabc\r\n`)

test.each([
  ['X: y', '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 1 NIL NIL NIL NIL)'],
  ['Content-Type: text/html', '("text" "html" NIL NIL NIL "7bit" 5 1 NIL NIL NIL NIL)'],
  ['Content-Type: image/gif', '("image" "gif" NIL NIL NIL "7bit" 5 NIL NIL NIL NIL)'],
  [
    'Content-Type: image/gif\r\nContent-Disposition: ATTACHMENT; filename=a.gif\r\nContent-Language: de, en\r\nContent-Location: http://x/\r\n a\r\nContent-MD5: Q2hlY2s=',
    '("image" "gif" NIL NIL NIL "7bit" 5 "Q2hlY2s=" ("attachment" ("filename" "a.gif")) ("de" "en") "http://x/a")',
  ],
  [
    'Content-Type: image/gif\r\nContent-Disposition: inline',
    '("image" "gif" NIL NIL NIL "7bit" 5 NIL ("inline" NIL) NIL NIL)',
  ],
  [
    "Content-Type: image/gif; name*0*=utf-8''%c3; name*1*=%a4.gif",
    '("image" "gif" ("name*" "utf-8\'\'%c3%a4.gif") NIL NIL "7bit" 5 NIL NIL NIL NIL)',
  ],
  [
    'Content-Type: image/gif; name=ä b.gif',
    '("image" "gif" ("name*" "utf-8\'\'%C3%A4%20b.gif") NIL NIL "7bit" 5 NIL NIL NIL NIL)',
  ],
  [
    'Content-Type: image/gif\r\nContent-Description: grün',
    '("image" "gif" NIL NIL "=?utf-8?B?Z3LDvG4=?=" "7bit" 5 NIL NIL NIL NIL)',
  ],
  [
    'Content-Type: multipart/mixed',
    '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 1 NIL NIL NIL NIL)',
  ],
  [
    'Content-Type: multipart/mixed; boundary=b',
    '(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 1 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)',
  ],
  [
    'Content-Type: message/rfc822\r\n\r\nSubject: in',
    '("message" "rfc822" NIL NIL NIL "7bit" 20 (NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL)',
  ],
])('%j is %s', (fields, wire) => {
  expect(leaf(fields)).toBe(wire)
})

test.each([
  ['("text" "plain" NIL NIL NIL "7bit" 5 1 NIL NIL NIL NIL)', '("text" "plain" NIL NIL NIL "7bit" 5 1)'],
  [
    '("image" "gif" ("name" "a)\\"(") NIL "d" "7bit" 5 NIL ("inline" ("a" ")")) NIL NIL)',
    '("image" "gif" ("name" "a)\\"(") NIL "d" "7bit" 5)',
  ],
  [
    '(("text" "plain" NIL NIL NIL "7bit" 5 1 NIL NIL NIL NIL)("image" "gif" NIL NIL NIL "7bit" 5 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)',
    '(("text" "plain" NIL NIL NIL "7bit" 5 1)("image" "gif" NIL NIL NIL "7bit" 5) "mixed")',
  ],
  [
    '("message" "rfc822" NIL NIL NIL "7bit" 9 (NIL "a (b" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" NIL NIL NIL "7bit" 5 1 NIL NIL NIL NIL) 2 NIL NIL NIL NIL)',
    '("message" "rfc822" NIL NIL NIL "7bit" 9 (NIL "a (b" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" NIL NIL NIL "7bit" 5 1) 2)',
  ],
])('%s is without its extensions %s', (extended, basic) => {
  expect(withoutExtensions(extended)).toBe(basic)
})
