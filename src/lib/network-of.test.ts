import { expect, test } from 'vitest'
import { networkOf, withoutMapping } from './network-of.ts'

const usual = { v4Bits: 24, v6Bits: 48 }

test.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['255.255.255.255', '255.255.255.0/24'],
  ['::ffff:192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:0:0:0:0:0/48'],
  ['2001:DB8:1::1', '2001:db8:1:0:0:0:0:0/48'],
  ['2001:db8::', '2001:db8:0:0:0:0:0:0/48'],
  ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:0/48'],
  ['64:ff9b:1::192.0.2.1', '64:ff9b:1:0:0:0:0:0/48'],
  ['::1', '0:0:0:0:0:0:0:0/48'],
  ['unix', 'unix'],
])('%s is in %s', (ip, network) => {
  expect(networkOf(ip, usual)).toBe(network)
})

test.each([
  [{ v4Bits: 32, v6Bits: 128 }, '192.0.2.77', '192.0.2.77/32'],
  [{ v4Bits: 20, v6Bits: 128 }, '192.0.255.77', '192.0.240.0/20'],
  [{ v4Bits: 1, v6Bits: 128 }, '192.0.2.77', '128.0.0.0/1'],
  [{ v4Bits: 24, v6Bits: 60 }, '2001:db8:1:ffff::', '2001:db8:1:fff0:0:0:0:0/60'],
  [{ v4Bits: 24, v6Bits: 128 }, '2001:db8::192.0.2.1', '2001:db8:0:0:0:0:c000:201/128'],
])('%j of %s is %s', (sizes, ip, network) => {
  expect(networkOf(ip, sizes)).toBe(network)
})

test('an IPv4 client on an IPv6 socket is an IPv4 client', () => {
  expect(withoutMapping('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(withoutMapping('2001:db8::1')).toBe('2001:db8::1')
})
