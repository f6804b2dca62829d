import { expect, test } from 'vitest'
import { cpuMs } from '../../../../test/support/cpu-time.ts'
import { matcher } from './mailbox-tree.ts'

test.each([
  ['*', 'a/b/c', true],
  ['%', 'a', true],
  ['%', 'a/b', false],
  ['%/%', 'a/b', true],
  ['a%', 'a', true],
  ['a%', 'abc/d', false],
  ['a*d', 'abc/d', true],
  ['a*d', 'abc/de', false],
  ['%*%', 'a/b', true],
  ['a/%', 'a/', true],
  ['', 'a', false],
  ['a', 'a', true],
  ['A', 'a', false],
  ['日%', '日本', true],
  ['*b*c', 'abbcbc', true],
])('%s on %s: %s', (pattern, name, fits) => {
  expect(matcher([pattern])(name)).toBe(fits)
})

test('any of several patterns will do', () => {
  expect(matcher(['x', 'a*'])('abc')).toBe(true)
})

test('a pattern made to hurt takes no time', () => {
  const took = cpuMs(() => {
    expect(matcher(['*a'.repeat(900)])('a'.repeat(1000))).toBe(true)
    expect(matcher(['*a'.repeat(30_000)])('a'.repeat(1000))).toBe(false)
  })
  expect(took).toBeLessThan(1000)
})
