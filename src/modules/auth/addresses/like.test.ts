import { expect, test } from 'vitest'
import { timed } from '../../../../test/support/cpu-time.ts'
import { isLike } from './like.ts'

test.each([
  ['anything', '%', true],
  ['', '%', true],
  ['', '', true],
  ['a', '', false],
  ['info', 'info', true],
  ['info', 'inf', false],
  ['inf', 'info', false],
  ['info-x', 'info%', true],
  ['my-info', '%info', true],
  ['an-info-x', '%info%', true],
  ['an-inf-x', '%info%', false],
  ['a1', 'a_', true],
  ['a', 'a_', false],
  ['a12', 'a_', false],
  ['aä', 'a_', true],
  ['a😀', 'a_', true],
  ['a.b.c', 'a%b%c', true],
  ['abcbc', 'a%bc', true],
  ['a%b', 'a\\%b', false],
  ['aXXbXXc', 'a%b_%c', true],
])('%j is like %j: %j', (text, pattern, expected) => {
  expect(isLike(text, pattern)).toBe(expected)
})

test('a pattern made to be slow is not', () => {
  const { result, ms } = timed(() => isLike('a'.repeat(190), `${'%a'.repeat(80)}b`))
  expect(result).toBe(false)
  expect(ms).toBeLessThan(500)
})
