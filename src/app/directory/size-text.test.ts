import { expect, test } from 'vitest'
import { sizeText } from './size-text.ts'

test.each([
  [0, 'unlimited'],
  [512, '512 B'],
  [1_000_000_000, '1 GB'],
  [1_550_000, '1.55 MB'],
  [2e12, '2 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text)
})
