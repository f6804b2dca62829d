import { expect, test } from 'vitest'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { Decoder } from './decoder.ts'
import { partialRange, partOf } from './partial-range.ts'

test.each([
  ['1:2', ['a', 'b']],
  ['2:1', ['a', 'b']],
  ['4:9', ['d', 'e']],
  ['6:9', []],
  ['-1:-2', ['d', 'e']],
  ['-2:-1', ['d', 'e']],
  ['-5:-100', ['a']],
  ['-6:-100', []],
  ['1:4294967295', ['a', 'b', 'c', 'd', 'e']],
])('%s of five are %j', (text, part) => {
  const range = partialRange(new Decoder(text))
  expect(partOf(['a', 'b', 'c', 'd', 'e'], range)).toEqual(part)
  expect(range.text).toBe(text)
})

test.each(['', '1', '0:5', '1:*', '-1:5', '1:-5', '*:1', '1:0'])('%s is no range', (text) => {
  expect(() => partialRange(new Decoder(text))).toThrow(BadSyntax)
})
