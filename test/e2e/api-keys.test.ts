import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiOf } from '../support/api.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({
    env: { API: 'true', TLS_FLAVOR: 'notls', AUTH_RATELIMIT_EXEMPTION: '', AUTH_RATELIMIT_IP: '3/hour' },
  })
  await server.homepost(['domain', 'add', 'example.test', '--if-missing'])
  await server.addUsers('ann', 'boss')
  await server.homepost(['user', 'set', 'boss@example.test', '--global-admin'])
}, 60_000)
afterAll(() => server.stop())

async function keyOf(name: string, scopes: string, ...more: string[]): Promise<string> {
  const { stdout, stderr } = await server.homepost(['api', 'key', 'add', name, scopes, ...more, '--json'])
  expect(stderr).toBe('')
  return (JSON.parse(stdout) as { secret: string }).secret
}
const as = (secret: string) => apiOf(server, `Bearer ${secret}`)

test('a key does what it is for, and the audit has its name', async () => {
  const api = as(await keyOf('signup-form', 'user:write,alias:read'))
  expect((await api('POST', '/v1/user', { email: 'new@example.test', raw_password: 'pw' })).status).toBe(200)
  expect((await api('GET', '/v1/user/new@example.test')).status).toBe(200)
  expect((await api('GET', '/v1/alias')).status).toBe(200)
  const refused = await api('POST', '/v1/alias', {
    email: 'a@example.test',
    destination: ['ann@example.test'],
  })
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('alias:write is missing')])
  for (const path of [
    '/v1/domain',
    '/v1/relay',
    '/v1/token',
    '/v1/queue',
    '/v1/user/ann@example.test/session',
  ])
    expect([path, (await api('GET', path)).status]).toEqual([path, 403])
  const { stdout } = await server.homepost(['audit', 'list', '--json'])
  const rows = JSON.parse(stdout) as { actor: string; key: string }[]
  expect(rows.find(({ key }) => key === 'new@example.test')).toMatchObject({ actor: 'api (signup-form)' })
})

test('a key for some things makes no administrator, becomes none and reads no hashes', async () => {
  const api = as(await keyOf('narrow', 'user:write,token:write,session:write,domain:write'))
  const bare = { email: 'evil@example.test', raw_password: 'pw', global_admin: true }
  expect((await api('POST', '/v1/user', bare)).status).toBe(403)
  expect((await api('PATCH', '/v1/user/ann@example.test', { global_admin: true })).status).toBe(403)
  expect((await api('PATCH', '/v1/user/BOSS@example.test', { raw_password: 'mine' })).status).toBe(403)
  expect((await api('DELETE', '/v1/user/boss@example.test')).status).toBe(403)
  expect((await api('POST', '/v1/token', { email: 'boss@example.test' })).status).toBe(403)
  expect((await api('POST', '/v1/tokenuser/boss@example.test', {})).status).toBe(403)
  const { stdout } = await server.homepost(['token', 'add', 'boss@example.test', '--json'])
  const { id } = JSON.parse(stdout) as { id: number }
  expect((await api('PATCH', `/v1/token/${id}`, { AuthorizedIP: [] })).status).toBe(403)
  expect((await api('DELETE', `/v1/token/${id}`)).status).toBe(403)
  expect((await api('DELETE', '/v1/user/boss@example.test/session')).status).toBe(403)
  expect((await api('DELETE', '/v1/domain/example.test')).status).toBe(403)
  const passwordsGoTo = { old_server: 'evil.example' }
  expect((await api('PATCH', '/v1/user/ann@example.test', passwordsGoTo)).status).toBe(403)
  expect((await api('PATCH', '/v1/domain/example.test', passwordsGoTo)).status).toBe(403)
  expect((await api('GET', '/v1/user')).text).not.toContain('argon2')
  expect((await api('POST', '/v1/token', { email: 'ann@example.test' })).status).toBe(200)
  const all = as(await keyOf('all', 'all:write'))
  expect((await all('GET', '/v1/user')).text).toContain('argon2')
  expect((await all('PATCH', '/v1/user/boss@example.test', { comment: 'x' })).status).toBe(200)
  const moved = { old_server: 'here' }
  expect((await all('PATCH', '/v1/user/boss@example.test', moved)).status).toBe(200)
  expect((await all('GET', '/v1/user/boss@example.test')).text).toContain('"old_server": "here"')
  expect((await all('PATCH', '/v1/user/boss@example.test', { old_server: 'no server' })).status).toBe(400)
  const reads = as(await keyOf('reads', 'all:read'))
  expect((await reads('GET', '/v1/domain')).status).toBe(200)
  expect((await reads('DELETE', '/v1/domain/example.test')).status).toBe(403)
})

test('a key ends, works from its networks alone, and is gone when it is deleted; guesses lock nobody out who has one', async () => {
  const good = await keyOf('good', 'user:read')
  const old = await keyOf('old', 'user:read', '--expires', '2020-01-01')
  const far = await keyOf('far', 'user:read', '--networks', '203.0.113.0/24')
  const status = async (secret: string) => (await as(secret)('GET', '/v1/user')).status
  expect(await status(good)).toBe(200)
  expect(await status(old)).toBe(403)
  expect(await status(far)).toBe(403)
  expect(await status(`hpk_${'A'.repeat(43)}`)).toBe(403)
  expect(await status('guess')).toBe(429)
  expect(await status(good)).toBe(200)
  const { stdout } = await server.homepost(['api', 'key', 'list', '--json'])
  const rows = JSON.parse(stdout) as { name: string; lastUsed?: { by: string } }[]
  expect(rows.find(({ name }) => name === 'good')).toMatchObject({ lastUsed: { by: '127.0.0.1' } })
  expect(rows.find(({ name }) => name === 'far')).not.toHaveProperty('lastUsed')
  for (const secret of [good, old, far]) expect(stdout + server.output()).not.toContain(secret)
  expect((await server.homepost(['api', 'key', 'delete', 'good'])).code).toBe(0)
  expect(await status(good)).toBe(429)
  expect((await server.homepost(['api', 'key', 'delete', 'good'])).code).toBe(1)
})

test.each([
  ['twice', ['all', 'all:write']],
  ['for what there is not', ['x', 'moon:write']],
  ['for nothing', ['x', ',']],
  ['with a name that is none', ['a b', 'user:read']],
  ['from nowhere', ['x', 'user:read', '--networks', 'here']],
])('no key is made %s', async (_, args) => {
  expect((await server.homepost(['api', 'key', 'add', ...args])).code).not.toBe(0)
})

test('a key for fetches reaches no administrator, and none is made for a domain', async () => {
  const row = { protocol: 'imap', host: 'mail.else.example', username: 'a', password: 'pw', enabled: false }
  const reads = as(await keyOf('fetch-reader', 'fetch:read,user:write'))
  expect((await reads('GET', '/v1/user/ann@example.test/fetch')).status).toBe(200)
  expect((await reads('POST', '/v1/user/ann@example.test/fetch', row)).status).toBe(403)
  const writes = as(await keyOf('fetch-writer', 'fetch:write'))
  expect((await writes('POST', '/v1/user/ann@example.test/fetch', row)).status).toBe(200)
  expect((await writes('POST', '/v1/user/boss@example.test/fetch', row)).status).toBe(403)
  const all = as(await keyOf('fetch-all', 'all:write'))
  const { text } = await all('POST', '/v1/user/boss@example.test/fetch', row)
  const place = `/v1/user/boss@example.test/fetch/${(JSON.parse(text) as { id: number }).id}`
  expect((await writes('PATCH', place, { comment: 'x' })).status).toBe(403)
  expect((await writes('POST', `${place}/run`)).status).toBe(403)
  expect((await writes('DELETE', place)).status).toBe(403)
  const narrow = ['fetch-domain', 'fetch:read', '--domain', 'example.test']
  expect((await server.homepost(['api', 'key', 'add', ...narrow])).code).not.toBe(0)
})
