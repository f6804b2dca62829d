import { expect, test } from 'vitest'
import { asciiHeader } from './ascii-header.ts'
import { decodeWords } from './encoded-word.ts'
import { readHeader } from './header.ts'

const rewritten = (text: string) => asciiHeader(readHeader(Buffer.from(text)))

test.each([
  ['Subject: Grüße', 'Subject: =?utf-8?B?R3LDvMOfZQ==?='],
  ['X-Note: a ü b', 'X-Note: a =?utf-8?B?w7w=?= b'],
  ['From: Zoë <zoe@home.test>', 'From: =?utf-8?B?Wm/Dqw==?= <zoe@home.test>'],
  [
    'To: "Ü, b" <b@bücher.test>, c@home.test',
    'To: =?utf-8?B?w5wsIGI=?= <b@xn--bcher-kva.test>,\r\n c@home.test',
  ],
  ['From: 用户@例子.test', 'From: =?utf-8?B?55So5oi3QOS+i+WtkC50ZXN0?=:;'],
  ['Content-Type: text/plain; name="ü.txt"', "Content-Type: text/plain; name*=utf-8''%C3%BC.txt"],
  ['Message-ID: <ü@x>', 'Message-ID: <?@x>'],
  ['Tö: x', 'T?: x'],
])('%s becomes %s', (field, expected) => {
  const got = rewritten(`${field}\r\n\r\n`).replace(/\r\n (?==\?)/g, ' ')
  expect(got.replaceAll('UTF-8', 'utf-8')).toBe(`${expected}\r\n\r\n`)
})

test('what is ASCII stays to the octet', () => {
  const before = 'Received: a\r\n\tb\r\nTo:  x@y.test ,  z@y.test\r\n'
  expect(rewritten(`${before}Subject: ü\r\n\r\nBody ü`)).toMatch(
    /^Received: a\r\n\tb\r\nTo: {2}x@y.test , {2}z@y.test\r\n/,
  )
})

test('a long subject is folded, and reads as before', () => {
  const subject = 'Grüße aus Übersee '.repeat(40).trim()
  const got = rewritten(`Subject: ${subject}\r\n\r\n`)
  expect(Math.max(...got.split('\r\n').map(({ length }) => length))).toBeLessThan(77)
  expect(decodeWords(got.slice(9).replace(/\r\n/g, '').trim())).toBe(subject)
})

test('a header in an old charset is read as one', () => {
  const header = readHeader(Buffer.from('Subject: Gr\xfc\xdfe\r\n\r\n', 'latin1'))
  expect(decodeWords(asciiHeader(header))).toBe('Subject: Grüße\r\n\r\n')
})
