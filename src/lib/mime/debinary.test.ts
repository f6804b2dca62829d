import { expect, test } from 'vitest'
import { debinary, sevenBit } from './debinary.ts'
import { decodeTransfer } from './decode.ts'
import { indexMessage } from './indexer.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const rewritten = (text: string) => Buffer.from(debinary(bytes(text))).toString('latin1')

test.each([
  ['plain text', 'Subject: x\r\n\r\nbody\r\n'],
  ['eight bits', 'Subject: x\r\n\r\nk\xf6rper\r\n'],
  ['base64 already', 'Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n'],
  ['a line of 998 octets', `Subject: x\r\n\r\n${'a'.repeat(998)}\r\n`],
  ['nothing', ''],
])('leaves %s as it is', (_, text) => {
  const message = bytes(text)
  expect(debinary(message)).toBe(message)
})

test.each([
  ['NUL', 'a\0b'],
  ['a bare line feed', 'a\nb'],
  ['a bare carriage return', 'a\rb\r\n'],
  ['a line of 999 octets', 'a'.repeat(999)],
])('a body with %s becomes base64', (_, body) => {
  const message = rewritten(`Subject: x\r\nContent-Transfer-Encoding: binary\r\n\r\n${body}`)
  const encoded = Buffer.from(body, 'latin1')
    .toString('base64')
    .replace(/(.{76})(?=.)/g, '$1\r\n')
  expect(message).toBe(`Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n`)
})

test('a header without the field gets it', () => {
  expect(rewritten('Subject: x\r\n\r\n\0')).toBe(
    'Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\nAA==\r\n',
  )
})

test('only the parts that need it change, inside enclosed messages too, and every body reads the same', () => {
  const inner =
    '--i\r\nContent-Transfer-Encoding: binary\r\n\r\nclean\r\n--i\r\nContent-Type: image/gif\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\n\r\xff\r\n--i--'
  const message = [
    'Content-Type: multipart/mixed; boundary=o\r\nContent-Transfer-Encoding: binary\r\n\r\npreamble',
    '--o\r\n\r\ntext',
    `--o\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: binary\r\n\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n${inner}`,
    '--o--\r\n',
  ].join('\r\n')
  const result = debinary(bytes(message))
  const { parts } = indexMessage(result)
  expect(parts.map(({ section, encoding }) => `${section} ${encoding}`)).toEqual([
    'TEXT 8bit',
    '1 7bit',
    '2 8bit',
    '2.TEXT 7bit',
    '2.1 8bit',
    '2.2 base64',
  ])
  const bodies = parts
    .slice(-2)
    .map((part) => decodeTransfer(result.subarray(part.bodyStart, part.bodyEnd), part.encoding))
  expect(bodies.map((body) => Buffer.from(body).toString('latin1'))).toEqual(['clean', '\0\n\r\xff'])
})

test('for a 7-bit server only leaves with other octets change, and what holds them says 7bit', () => {
  const part = (body: string) => `--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${body}\r\n`
  const head = (encoding: string) =>
    `Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`
  const message = bytes(`${head('8bit')}${part('k\xf6rper')}${part('plain')}--b--\r\n`)
  expect(Buffer.from(sevenBit(message)).toString('latin1')).toBe(
    `${head('7bit')}${part('a/ZycGVy').replace('8bit', 'base64')}${part('plain').replace('8bit', '7bit')}--b--\r\n`,
  )
})
