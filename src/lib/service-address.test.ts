import { expect, test } from 'vitest'
import { parseServiceAddress, serviceAddressText } from './service-address.ts'

test.each([
  ['antivirus', 'antivirus:3310'],
  ['127.0.0.1', '127.0.0.1:3310'],
  ['clamd.example.org:1344', 'clamd.example.org:1344'],
  ['inet:rspamd:11332', 'rspamd:11332'],
  ['inet:8891@localhost', 'localhost:8891'],
  ['inet6:8891@[::1]', '[::1]:8891'],
  ['[::1]:3310', '[::1]:3310'],
  ['tcp:localhost:12301', 'localhost:12301'],
  ['/run/clamav/clamd.ctl', '/run/clamav/clamd.ctl'],
  ['unix:/run/opendkim.sock', '/run/opendkim.sock'],
  ['local:/run/opendkim.sock', '/run/opendkim.sock'],
])('%s is %s', (text, expected) => {
  const read = parseServiceAddress(text, 3310)
  expect(read && serviceAddressText(read)).toBe(expected)
})

test.each(['', ':3310', 'a b', 'host:0', 'host:70000', '[1.2.3.4]:1', 'run/clamd.ctl', 'http://x'])(
  '%j is no address',
  (text) => expect(parseServiceAddress(text, 3310)).toBeUndefined(),
)

test('without a usual port, one has to be named', () => {
  expect(parseServiceAddress('localhost')).toBeUndefined()
})
