import { expect, test } from 'vitest'
import { fold } from './fold.ts'

test.each([
  ['ABC', 'abc'],
  ['GRÜSSE', 'grüße'],
  ['e\u0301', 'É'],
  ['ﬁn', 'FIN'],
  ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
  ['Ｆｕｌｌ', 'full'],
])('%s and %s are the same', (a, b) => {
  expect(fold(a)).toBe(fold(b))
})

test('accents and case of other letters still differ', () => {
  expect(fold('a')).not.toBe(fold('ä'))
  expect(fold('日')).not.toBe(fold('本'))
})
