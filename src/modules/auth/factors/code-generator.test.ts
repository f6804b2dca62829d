import { expect, test } from 'vitest'
import { codeOf } from '../../../../test/support/code-of.ts'
import { isCodeSecret, newCodeSecret, stepOf } from './code-generator.ts'

/** `12345678901234567890`, of RFC 6238's appendix B. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at second %i the code is %s', async (second, code) => {
  expect(await stepOf(secret, code, second * 1000)).toBe(Math.floor(second / 30))
  expect(codeOf(secret, second * 1000)).toBe(code)
})

test('a clock may be wrong by a step, and by no more', async () => {
  const now = 1_234_567_890_000
  const steps = [-2, -1, 0, 1, 2].map((step) => stepOf(secret, codeOf(secret, now + step * 30_000), now))
  expect((await Promise.all(steps)).map((step) => step && step - Math.floor(now / 30_000))).toEqual([
    undefined,
    -1,
    0,
    1,
    undefined,
  ])
})

test('a new secret has 160 bits and can be scanned', async () => {
  const made = await newCodeSecret('ann@example.com', 'Tom & Ann')
  expect(isCodeSecret(made.secret)).toBe(true)
  const uri = new URL(made.uri)
  expect(decodeURIComponent(uri.pathname)).toBe('/Tom & Ann:ann@example.com')
  expect(Object.fromEntries(uri.searchParams)).toMatchObject({
    issuer: 'Tom & Ann',
    secret: made.secret,
    digits: '6',
  })
})
