import { expect, test } from 'vitest'
import { fold, holds, needleOf } from './fold.ts'

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

test.each([
  ['Résumé of Zoë', 'resume', true],
  ['Résumé', 'RÉSUMÉ', true],
  ['Resume', 'résumé', false],
  ['Grüße', 'gru', true],
  ['Grüße', 'gruss', true],
  ['σίσυφος', 'φοσ', true],
  ['がっこう', 'か', true],
  ['きって', 'ぎ', false],
  ['請求書です', '求書', true],
  ['계산서', '산', true],
  ['Ёлка', 'елка', true],
])('in %s, %s is found: %s', (text, wanted, found) => {
  expect(holds(fold(text), needleOf(wanted))).toBe(found)
})
