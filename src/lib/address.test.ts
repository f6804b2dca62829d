import { expect, test } from 'vitest'
import { domainOf, localPartOf, parseAddress, parseDomain } from './address.ts'

test.each([
  ['ann@home.test', 'ann@home.test'],
  ['Ann@HOME.test', 'ann@home.test'],
  ['"ann"@home.test', 'ann@home.test'],
  ['"Ann Lee"@home.test', '"ann lee"@home.test'],
  ['"a@b"@home.test', '"a@b"@home.test'],
  [String.raw`"a\"b\\c"@home.test`, String.raw`"a\"b\\c"@home.test`],
  ['".ann"@home.test', '".ann"@home.test'],
  ['jörg@exämple.test', 'jörg@xn--exmple-cua.test'],
  [`${'a'.repeat(100)}@lists.test`, `${'a'.repeat(100)}@lists.test`],
])('%s is the address %s', (text, address) => {
  expect(parseAddress(text)).toBe(address)
})

test.each([
  '',
  'ann',
  '@home.test',
  'ann@',
  '.ann@home.test',
  'a..b@home.test',
  'a b@home.test',
  '"a"b"@home.test',
])('%s is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined()
})

test('an address splits at its last @', () => {
  const address = parseAddress('"a@b"@home.test')
  expect(address && [localPartOf(address), domainOf(address)]).toEqual(['"a@b"', parseDomain('home.test')])
})
