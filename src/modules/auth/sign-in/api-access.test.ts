import { afterEach, expect, test } from 'vitest'
import { startAuth, type TestAuth } from '../../../../test/support/auth.ts'
import { parseNetworks } from '../../../lib/networks.ts'
import type { AuthSettings } from '../index.ts'

let auth: TestAuth
afterEach(() => auth.end())

const twoAnHour = { authRatelimitIp: { count: 2, seconds: 3_600 } }

async function start(settings: Partial<AuthSettings> = {}) {
  auth = await startAuth({ settings: { apiToken: 'apitest', ...twoAnHour, ...settings } })
  return async (token: string, ip = '203.0.113.7') =>
    (await auth.api.verify({ token, ip, connection: 'c-1' })).kind
}

test('the token opens it, whatever is nearly the token does not', async () => {
  const verify = await start({ authRatelimitIp: undefined })
  expect(await verify('apitest')).toBe('accepted')
  for (const token of ['apites', 'apitestt', 'APITEST', ' apitest', 'apitest\0', '', 'x'.repeat(100_000)])
    expect([token, await verify(token)]).toEqual([token, 'refused'])
})

test('every wrong token counts, and locks its network for a while, not others', async () => {
  const verify = await start()
  expect(await verify('wrong')).toBe('refused')
  expect(await verify('wrong')).toBe('refused')
  expect(await verify('wrong')).toBe('throttled')
  expect(await verify('apitest', '203.0.113.200')).toBe('throttled')
  expect(await verify('apitest', '198.51.100.1')).toBe('accepted')
  await auth.clock.advance(3_601_000)
  expect(await verify('apitest')).toBe('accepted')
})

test('guesses at sign-ins and at the API are counted together', async () => {
  const verify = await start()
  await verify('wrong')
  await verify('wrong')
  const attempt = { login: 'ann@example.com', password: 'x', service: 'imap', connection: 'c' } as const
  expect((await auth.credentials.verify({ ...attempt, ip: '203.0.113.9' })).kind).toBe('throttled')
})

test('where nobody is counted, nobody is locked out', async () => {
  const verify = await start({ authRatelimitExemption: parseNetworks(['203.0.113.0/24']).networks })
  for (let count = 0; count < 5; count++) expect(await verify('wrong')).toBe('refused')
  expect(await verify('apitest')).toBe('accepted')
})

test('without a token nothing opens it', async () => {
  const verify = await start({ apiToken: undefined, authRatelimitIp: undefined })
  for (const token of ['', 'undefined', 'apitest']) expect(await verify(token)).toBe('refused')
})

test('what was tried is in no line of the log', async () => {
  const verify = await start()
  for (const token of ['secret-guess', 'secret-guess', 'secret-guess', 'apitest']) await verify(token)
  expect(auth.events.length).toBeGreaterThan(2)
  expect(JSON.stringify(auth.events)).not.toMatch(/secret-guess|apitest/)
})
