import { expect, test } from 'vitest'
import { parseAuthorizedUrl } from './authorized-url.ts'

const base = 'imap://ann%40home.test@mail.home.test/INBOX/;UID=1'
const token = 'ab'.repeat(33)

test.each([
  [`${base};URLAUTH=anonymous`, { access: { kind: 'anonymous' }, expires: undefined, proof: undefined }],
  [
    `${base};urlauth=AuthUser:internal:${token}`,
    { access: { kind: 'authuser' }, proof: { mechanism: 'internal', token } },
  ],
  [`${base}/;SECTION=1;URLAUTH=user+b%2Bx%40home.test`, { access: { kind: 'user', who: 'b+x@home.test' } }],
  [
    `${base};EXPIRE=2026-01-01T00:00:00.5+01:00;URLAUTH=submit+ann`,
    { expires: Date.UTC(2025, 11, 31, 23, 0, 0, 500) },
  ],
])('%s is understood', (text, expected) => {
  expect(parseAuthorizedUrl(text)).toMatchObject(expected)
})

test('what is signed is what was written, up to the mechanism', () => {
  const rump = `${base};UrlAuth=anonymous`
  expect(parseAuthorizedUrl(`${rump}:INTERNAL:${token}`)?.rump).toBe(rump)
})

test.each([
  base,
  '/INBOX/;UID=1;URLAUTH=anonymous',
  'imap://mail.home.test/INBOX/;UID=1;URLAUTH=anonymous',
  'imap://ann@mail.home.test/;UID=1;URLAUTH=anonymous',
  `${base};URLAUTH=`,
  `${base};URLAUTH=nobody`,
  `${base};URLAUTH=user+`,
  `${base};URLAUTH=user+%zz`,
  `${base};URLAUTH=anonymous:internal`,
  `${base};URLAUTH=anonymous:internal:abc`,
  `${base};URLAUTH=anonymous;EXPIRE=2026-01-01T00:00:00Z`,
  `${base};EXPIRE=2026-13-01T00:00:00Z;URLAUTH=anonymous`,
  `${base};EXPIRE=tomorrow;URLAUTH=anonymous`,
  `${base}";URLAUTH=anonymous`,
  `${base}ä;URLAUTH=anonymous`,
])('%s is not', (text) => {
  expect(parseAuthorizedUrl(text)).toBeUndefined()
})
