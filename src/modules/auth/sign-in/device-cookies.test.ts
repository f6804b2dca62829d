import { expect, test } from 'vitest'
import { address } from '../../../../test/support/auth.ts'
import { deviceOf, issueDeviceCookie } from './device-cookies.ts'

const key = Buffer.from('a key')
const ann = address('ann@example.com')

test('a cookie names its device, to him it was given alone', () => {
  const cookie = issueDeviceCookie(key, ann)
  expect(cookie).toMatch(/^ann@example\.com\$[\w-]{12}\$[\w-]{16}$/)
  expect(deviceOf(key, cookie, ann)).toBe(cookie.split('$')[1])
  expect(deviceOf(key, cookie, address('bob@example.com'))).toBeUndefined()
  expect(deviceOf(Buffer.from('another key'), cookie, ann)).toBeUndefined()
})

test('every device has a name of its own', () => {
  expect(issueDeviceCookie(key, ann)).not.toBe(issueDeviceCookie(key, ann))
})

test('a cookie that Mailu gave out is good, with its key', () => {
  // HMAC-SHA256 of `device_cookie|ann@example.com|AAAAAAAAAAAA` with `a key`; its last twelve octets.
  expect(deviceOf(key, 'ann@example.com$AAAAAAAAAAAA$K3QEK73zWg3uvozp', ann)).toBe('AAAAAAAAAAAA')
})

test.each([
  '',
  '$',
  '$$',
  'ann@example.com',
  'ann@example.com$AAAAAAAAAAAA$',
  'ann@example.com$AAAAAAAAAAAA$AAAAAAAAAAAAAAAA',
  'x'.repeat(9_000),
])('%j is none', (cookie) => {
  expect(deviceOf(key, cookie, ann)).toBeUndefined()
})
