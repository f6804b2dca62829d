import fc from 'fast-check'
import { expect, test } from 'vitest'
import { casemap } from './casemap.ts'

test.each([
  ['abc', 'ABC'],
  ['é', 'E\u0301'],
  ['ǆ', 'ǅ'],
  ['ᾳ', 'ᾼ'],
])('%s and %s are equal', (a, b) => {
  expect(casemap(a)).toBe(casemap(b))
})

test.each([
  ['ß', 'ss'],
  ['a', 'ä'],
  ['ა', 'Ა'],
  ['ﬁ', 'FI'],
  ['', ' '],
])('%s and %s differ', (a, b) => {
  expect(casemap(a)).not.toBe(casemap(b))
})

test('a letter stands next to its accented forms, capitals with small ones', () => {
  const sorted = ['Zoë', 'ändern', 'Anna', 'zoo', 'anna b', 'Östen', 'ob']
    .map((text) => [casemap(text), text] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
  expect(sorted).toEqual(['Anna', 'anna b', 'ändern', 'ob', 'Östen', 'Zoë', 'zoo'])
})

test('keys compare as the octets of the same text in UTF-8 do', () => {
  const mapped = (text: string) => text.toUpperCase().normalize('NFKD')
  // What is decomposed may have a capital again: U+02B0 gives h.
  const decomposed = fc
    .string({ unit: 'binary' })
    .map((text) => mapped(mapped(text)))
    .filter((text) => mapped(text) === text)
  fc.assert(
    fc.property(decomposed, decomposed, (a, b) => {
      fc.pre(casemap(a).length === a.length && casemap(b).length === b.length)
      const octets = Buffer.compare(Buffer.from(a), Buffer.from(b))
      const [left, right] = [casemap(a), casemap(b)]
      expect(Number(left > right) - Number(left < right)).toBe(octets)
    }),
  )
})
