import { expect, test } from 'vitest'
import { LineEndCheck } from './line-end-check.ts'

function isClean(...chunks: string[]): boolean {
  const check = new LineEndCheck()
  for (const chunk of chunks) check.push(Buffer.from(chunk, 'latin1'))
  return check.clean
}

test.each([
  [[''], true],
  [['a\r\nb'], true],
  [['a\r', '\nb\r\n'], true],
  [['\r\n', '\r\n'], true],
  [['a\r', '', '\nb'], true],
  [['\xe4\xf6\r\n'], true],
  [['a\nb'], false],
  [['a\rb'], false],
  [['a\r', 'b'], false],
  [['a\r\n', '\nb'], false],
  [['a', '\nb'], false],
  [['a\r\r\n'], false],
  [['a\n\r'], false],
  [['a\r'], false],
  [['a\0b\r\n'], false],
])('%j is clean: %s', (chunks, expected) => {
  expect(isClean(...chunks)).toBe(expected)
})
