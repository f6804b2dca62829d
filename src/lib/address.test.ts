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

test.each([
  ['Mail.Home-2.TEST.', 'mail.home-2.test'],
  ['localhost', 'localhost'],
  ['_dmarc.home.test', '_dmarc.home.test'],
  ['EXÄMPLE.test', 'xn--exmple-cua.test'],
  ['XN--exmple-cua.test', 'xn--exmple-cua.test'],
  ['mx1.h2', 'mx1.h2'],
])('%s is the domain %s', (text, domain) => {
  expect(parseDomain(text)).toBe(domain)
})

test.each(['', '.', 'a..b', '-a.test', 'a-.test', 'home.test-', 'a b.test', `${'a'.repeat(64)}.test`])(
  '%s is no domain',
  (text) => {
    expect(parseDomain(text)).toBeUndefined()
  },
)

test.each([
  ...[
    'home.test/x',
    'home.test?x',
    'home.test#x',
    'ö.test/x',
    'h%6fme.test',
    'ho\nme.test',
    'ö\tx.test',
    'a:25',
  ],
  ...['192.0.2.1', '256', '0x7f.1', '１.２.３.４', 'u@ö.test', 'http://home.test'],
])('%j is no domain, whatever a browser makes of it', (text) => {
  expect(parseDomain(text)).toBeUndefined()
  expect(parseAddress(`ann@${text.replace('@', '')}/`)).toBeUndefined()
})

test.each([
  ['a domain', `ann@${'ö'.repeat(5_000_000)}`],
  ['a domain of dots', `ann@${'ö.'.repeat(2_500_000)}test`],
  ['a local part', `${'ö'.repeat(5_000_000)}@home.test`],
  ['a quoted local part', `"${'\\"'.repeat(2_500_000)}"@home.test`],
])('%s of ten megabytes is refused before it is mapped', (_, text) => {
  const before = process.cpuUsage()
  expect(parseAddress(text)).toBeUndefined()
  const { user, system } = process.cpuUsage(before)
  expect(user + system).toBeLessThan(100_000)
})
