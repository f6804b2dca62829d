import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compressVba } from '../../../../test/support/macro-documents.ts'
import { decompressVba } from './vba-compression.ts'

const unpacked = (hex: string) =>
  decompressVba(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 0)?.toString('latin1')

// [MS-OVBA] 3.2.1 to 3.2.3
test.each([
  [
    'abcdefghijklmnopqrstuv.',
    '01 19 B0 00 61 62 63 64 65 66 67 68 00 69 6A 6B 6C 6D 6E 6F 70 00 71 72 73 74 75 76 2E',
  ],
  [
    '#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa',
    '01 2F B0 00 23 61 61 61 62 63 64 65 82 66 00 70 61 67 68 69 6A 01 38 08 61 6B 6C 00 30 6D 6E 6F 70 06 71 02 70 04 10 72 73 74 75 76 10 77 78 79 7A 00 3C',
  ],
  ['a'.repeat(73), '01 03 B0 02 61 45 00'],
])('the example of the specification: %s', (text, hex) => expect(unpacked(hex)).toBe(text))

test('what is packed comes out again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 10_000 }), (octets) => {
      expect(decompressVba(compressVba(Buffer.from(octets)), 0)).toEqual(Buffer.from(octets))
    }),
    { numRuns: 50 },
  )
})

test('whatever the octets are, it ends, and takes no more than its due', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (octets) => {
      const out = decompressVba(Buffer.concat([Buffer.from([1]), Buffer.from(octets)]), 0)
      expect(out?.length ?? 0).toBeLessThanOrEqual(8 * 1024 * 1024)
    }),
  )
})

test('a text that copies itself again and again stops at its limit', () => {
  const bomb = Buffer.concat([
    Buffer.from([1]),
    ...Array.from({ length: 5000 }, () => Buffer.from('03b00261ff0f', 'hex')),
  ])
  expect(decompressVba(bomb, 0)?.length).toBeLessThanOrEqual(8 * 1024 * 1024)
})
