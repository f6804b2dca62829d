import { expect, test } from 'vitest'
import { parseNetworks } from './networks.ts'

test.each([
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['[::1]/128', '::1', true],
  ['2001:db8::/32', '2001:db8:1::5', true],
  ['2001:db8::/32', '2001:db9::5', false],
  ['0.0.0.0/0', '::1', false],
])('%s holds %s: %s', (entry, ip, expected) => {
  expect(parseNetworks([entry]).networks.has(ip)).toBe(expected)
})

test('names the entries that are no network', () => {
  expect(parseNetworks(['10.0.0.0/33', 'home', '10.0.0.0/8']).wrong).toEqual(['10.0.0.0/33', 'home'])
})
