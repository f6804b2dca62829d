import { expect, test } from 'vitest'
import { decodeCharset } from './charset.ts'
import { createTransferDecoder, decodeTransfer } from './decode.ts'

const decoded = (text: string, encoding: string) =>
  Buffer.from(decodeTransfer(Buffer.from(text, 'latin1'), encoding)).toString('latin1')

test.each([
  ['SGVs\r\nbG8=\r\n', 'Hello'],
  ['SGVsbG8', 'Hello'],
  ['S G-V*s bG8=', 'Hello'],
  ['S G*V.s\0\x80bG8=\r\n', 'Hello'],
  ['S_GVsbG8=', 'Hello'],
  ['SGk=SGk=', 'HiHi'],
  ['SGk== \r\n=\r\n', 'Hi'],
  ['SGVsbG8hS', 'Hello!'],
  ['====', ''],
  ['', ''],
])('base64 %j is %j', (raw, text) => {
  expect(decoded(raw, 'base64')).toBe(text)
})

test.each([
  // RFC 2045 §6.7
  [
    "Now's the time =\r\nfor all folk to come=\r\n to the aid.",
    "Now's the time for all folk to come to the aid.",
  ],
  ['gr=FC=df', 'gr\xfc\xdf'],
  ['blanks at the end \t \r\nnext', 'blanks at the end\r\nnext'],
  ['soft = \t\r\nbreak', 'soft break'],
  ['bare=\nfeed', 'barefeed'],
  ['1 = 2, =XY, =4', '1 = 2, =XY, =4'],
  ['end=', 'end'],
  ['a\rb', 'a\rb'],
  ['', ''],
])('quoted-printable %j is %j', (raw, text) => {
  expect(decoded(raw, 'quoted-printable')).toBe(text)
})

test.each(['7bit', '8BIT', 'binary'])('%s changes nothing', (encoding) => {
  expect(decoded('a=20\0\xff', encoding)).toBe('a=20\0\xff')
})

test('an encoding that nobody knows has no decoder', () => {
  expect(createTransferDecoder('x-uuencode')).toBeUndefined()
})

test.each([
  ['utf-8', [0xc3, 0xa4], 'ä'],
  ['ISO-8859-15', [0xa4], '€'],
  ['windows-1251', [0xcf], 'П'],
  ['iso-2022-jp', [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42], '日'],
  ['utf-7', [0x2b, 0x41, 0x4f, 0x51, 0x2d], 'ä'],
  ['cp437', [0x81], 'ü'],
  ['us-ascii', [0xc3, 0xa4], 'ä'],
  ['us-ascii', [0xe4], 'ä'],
  ['nobody-knows', [0xe4], 'ä'],
  [undefined, [0x61], 'a'],
])('charset %s reads %j as %s', (charset, octets, text) => {
  expect(decodeCharset(Uint8Array.from(octets), charset)).toBe(text)
})
