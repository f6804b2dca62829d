import { expect, test } from 'vitest'
import { scriptName } from './script-name.ts'

test.each([
  ['holidays', 'holidays'],
  ['a', 'a'],
  ['Büro/täglich 2', 'Büro/täglich 2'],
  ['Bu\u0308ro', 'Büro'],
  ['例'.repeat(128), '例'.repeat(128)],
  ['😀'.repeat(256), '😀'.repeat(256)],
])('%j is kept as %j', (given, kept) => {
  expect(scriptName(given)).toBe(kept)
})

test.each([
  ['nothing', ''],
  ['more characters than are kept', 'x'.repeat(257)],
  ['a line end', 'a\nb'],
  ['NUL', 'a\0'],
  ['DELETE', 'a\u007f'],
  ['a C1 control', 'a\u0085'],
  ['a line separator', 'a\u2028b'],
  ['half a character', 'a\ud800'],
])('%s is no name', (_, given) => {
  expect(scriptName(given)).toBeUndefined()
})
