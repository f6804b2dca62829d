import { expect, test } from 'vitest'
import { indexByRareOctet } from './octets.ts'

const needle = Buffer.from('\r\n.')

test.each([
  ['', 0],
  ['.', 0],
  ['\n.', 0],
  ['\r\n.', 0],
  ['\r\n.', 1],
  ['a.b.\r\n.c', 0],
  ['a.b.\r\n.c\r\n.', 5],
  [`${'.'.repeat(100)}\r\n.`, 0],
  [`${'\n.'.repeat(100)}\r`, 0],
  [`${'.a'.repeat(7)}\r\n.${'.a'.repeat(7)}\r\n.`, 15],
])('%j is searched from %i as by its Buffer', (text, from) => {
  const bytes = Buffer.from(text)
  expect(indexByRareOctet(bytes, needle, 2, from)).toBe(bytes.indexOf(needle, from))
})
