import { afterAll, beforeAll, expect, test } from 'vitest'
import { address } from '../../../../test/support/auth.ts'
import { hostile, textOf } from '../../../../test/support/web.ts'
import { type Role, type Roles, startRoles } from '../../../../test/support/web-roles.ts'
import { domainOf } from '../../../lib/address.ts'

let roles: Roles
beforeAll(async () => {
  roles = await startRoles()
})
afterAll(() => roles.web.end())

/** The key that the page tells. */
async function made(role: Role, fields: Record<string, string>): Promise<string> {
  const answer = await roles.as[role].post('/admin/keys', fields)
  const text = await answer.text()
  return /hpk_[\w-]{43}/.exec(text)?.[0] ?? `${answer.status}`
}

async function api(key: string, method: string, path: string, body?: object): Promise<number> {
  const answer = await roles.web.browser().ask(`/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return answer.status
}

const everything = { 'for-domain': 'read', 'for-user': 'write', 'for-alias': 'write', 'for-token': 'write' }
const all = { ...everything, 'for-session': 'write', 'for-trace': 'read' }

test('a key is told once, and then listed with what it is for and when it was used', async () => {
  const key = await made('admin', { name: 'signup', 'for-user': 'write', days: '30' })
  expect(await api(key, 'GET', '/user/ann@example.com')).toBe(200)
  expect(await api(key, 'GET', '/alias')).toBe(403)
  const list = await textOf(roles.as.admin.get('/admin/keys'))
  expect(list).toContain('signup')
  expect(list).toContain('user:write')
  expect(list).toMatch(/last used .* from 192\.0\.2\.1/)
  expect(list).not.toContain(key)
  expect((await roles.as.admin.post('/admin/keys/delete/signup')).status).toBe(303)
  expect(await api(key, 'GET', '/user/ann@example.com')).toBe(403)
})

test('a manager’s key does what he may do in his domain', async () => {
  const key = await made('manager', { name: 'mine', domain: 'example.com', ...all })
  expect(await api(key, 'GET', '/domain/example.com')).toBe(200)
  expect(await api(key, 'GET', '/domain/example.com/users')).toBe(200)
  expect(await api(key, 'POST', '/user', { email: 'new@example.com', raw_password: 'long enough' })).toBe(200)
  expect(await api(key, 'PATCH', '/user/new@example.com', { comment: 'x' })).toBe(200)
  const alias = { email: 'all@example.com', destination: ['new@example.com'] }
  expect(await api(key, 'POST', '/alias', alias)).toBe(200)
  expect(await api(key, 'GET', '/alias/destination/example.com')).toBe(200)
  expect(await api(key, 'POST', '/tokenuser/new@example.com', {})).toBe(200)
  expect(await api(key, 'GET', '/user/new@example.com/trace')).toBe(200)
  expect(await api(key, 'DELETE', '/user/new@example.com')).toBe(200)
})

test('a manager’s key reaches nothing elsewhere, and nobody above him', async () => {
  const key = await made('manager', { name: 'narrow', domain: 'example.com', ...all })
  const { admin } = roles.web.auth
  await admin.add('token', { user: address('olga@other.example') }, 'test')
  await admin.add('token', { user: address('root@example.com') }, 'test')
  const before = JSON.stringify(await admin.everything())
  const foreign = { email: 'x@other.example', raw_password: 'long enough', destination: ['x@y.test'] }
  const tokens = (await admin.tokens()).map(({ id }) => id)
  expect(tokens.length).toBeGreaterThan(1)
  for (const [method, path, body] of [
    ['GET', '/user'],
    ['GET', '/alias'],
    ['GET', '/token'],
    ['GET', '/domain'],
    ['GET', '/queue'],
    ['GET', '/relay'],
    ['GET', '/alternative'],
    ['GET', '/alias/domains/available'],
    ['GET', '/domain/other.example'],
    ['GET', '/domain/other.example/users'],
    ['GET', '/domain/nowhere.example'],
    ['PATCH', '/domain/example.com', { max_users: -1 }],
    ['DELETE', '/domain/example.com'],
    ['POST', '/domain/example.com/manager', { user_email: 'ann@example.com' }],
    ['DELETE', '/domain/example.com/manager/mia@example.com'],
    ['POST', '/domain/example.com/dkim', {}],
    ['GET', '/user/olga@other.example'],
    ['PATCH', '/user/olga@other.example', { email: 'ann@example.com', comment: 'x' }],
    ['DELETE', '/user/OLGA@OTHER.EXAMPLE'],
    ['GET', '/user/olga@other.example/session'],
    ['GET', '/user/olga@other.example/trace'],
    ['POST', '/user', foreign],
    ['POST', '/user', { email: 'evil@example.com', raw_password: 'long enough', global_admin: true }],
    ['POST', '/alias', foreign],
    ['PATCH', '/alias/x@other.example', { comment: 'x' }],
    ['POST', '/token', { email: 'olga@other.example' }],
    ['POST', '/tokenuser/olga@other.example', { email: 'ann@example.com' }],
    ['GET', '/tokenuser/olga@other.example'],
    ['PATCH', '/user/root@example.com', { raw_password: 'mine now!' }],
    ['DELETE', '/user/boss@example.com'],
    ['POST', '/tokenuser/boss@example.com', {}],
    ['DELETE', '/user/root@example.com/session'],
    ...tokens.flatMap((id) => [
      ['GET', `/token/${id}`] as const,
      ['PATCH', `/token/${id}`, { comment: 'x' }] as const,
      ['DELETE', `/token/${id}`] as const,
    ]),
    ['DELETE', '/token/999999'],
  ] as const)
    expect([method, path, await api(key, method, path, body)]).toEqual([method, path, 403])
  expect(JSON.stringify(await admin.everything())).toBe(before)
})

test.each(['root@example.com', 'boss@example.com'])(
  'a manager’s key keeps its hands off %s, also while he is deleted but not gone',
  async (above) => {
    const key = await made('manager', { name: `beside-${above}`, domain: 'example.com', ...all })
    const { admin } = roles.web.auth
    const leaving = { user: address(above), deleteAt: Date.now() + 9e8 }
    await admin.add('departure', leaving, 'test')
    const tokens = await admin.tokens(leaving.user)
    expect(await api(key, 'POST', `/tokenuser/${above}`, {})).toBe(403)
    expect(await api(key, 'POST', '/token', { email: above })).toBe(403)
    expect(await api(key, 'DELETE', `/user/${above}`)).toBe(403)
    expect(await admin.tokens(leaving.user)).toEqual(tokens)
    expect(await admin.departures()).toContainEqual(expect.objectContaining(leaving))
    await admin.delete('departure', leaving.user, 'test')
    await roles.as.admin.signIn('root@example.com')
  },
)

test('a key for people and domains keeps its hands off an admin who is deleted but not gone', async () => {
  const fields = { 'for-user': 'write', 'for-token': 'write', 'for-domain': 'write' }
  const key = await made('admin', { name: 'people', ...fields })
  const { admin } = roles.web.auth
  const leaving = { user: address('root@example.com'), deleteAt: Date.now() + 9e8 }
  await admin.add('departure', leaving, 'test')
  expect(await api(key, 'POST', '/tokenuser/root@example.com', {})).toBe(403)
  expect(await api(key, 'DELETE', '/user/root@example.com')).toBe(403)
  expect(await api(key, 'DELETE', '/domain/example.com')).toBe(403)
  await admin.delete('departure', leaving.user, 'test')
  await roles.as.admin.signIn('root@example.com')
})

test('a manager makes and sees no key of others', async () => {
  const { apiKeys } = roles.web.auth
  const before = JSON.stringify((await apiKeys.list()).map(({ name }) => name))
  expect(await made('manager', { name: 'a', 'for-user': 'read' })).toBe('404')
  expect(await made('manager', { name: 'a', domain: 'other.example', 'for-user': 'read' })).toBe('404')
  expect(await made('manager', { name: 'a', domain: 'nowhere.example', 'for-user': 'read' })).toBe('404')
  // The form does not offer them, and they are not taken.
  expect(await made('manager', { name: 'a', domain: 'example.com', 'for-all': 'write' })).toBe('422')
  expect(JSON.stringify((await apiKeys.list()).map(({ name }) => name))).toBe(before)
  const server = { name: 'server-wide', scopes: ['all:read'], networks: [], expires: 'never' } as const
  await apiKeys.add({ ...server, domain: undefined, owner: undefined }, 'test')
  expect(await textOf(roles.as.manager.get('/admin/keys'))).not.toContain('server-wide')
  expect((await roles.as.manager.post('/admin/keys/delete/server-wide')).status).toBe(404)
  expect((await roles.as.manager.post('/admin/keys/delete/nothing')).status).toBe(404)
  expect(await textOf(roles.as.other.get('/admin/keys'))).not.toContain('forms')
})

test.each([
  ['without a name', { name: '' }],
  ['with a hostile name', { name: hostile }],
  ['for nothing', { name: 'b', 'for-user': '' }],
  ['for what there is not', { name: 'b', 'for-user': 'root' }],
  ['for a domain that is none', { name: 'b', domain: hostile }],
  ['from nowhere', { name: 'b', networks: 'here' }],
  ['for half a day', { name: 'b', days: '0.5' }],
  ['for everything, in one domain', { name: 'b', domain: 'example.com', 'for-all': 'write' }],
  ['that is there', { name: 'forms' }],
])('no key is made %s', async (_, fields) => {
  const answer = await roles.as.admin.post('/admin/keys', { 'for-user': 'read', ...fields })
  expect(answer.status).toBe(422)
  expect(await answer.text()).not.toContain('<script>alert')
})

test('a manager’s key ends with his rights', async () => {
  const key = await made('manager', { name: 'while', domain: 'example.com', 'for-user': 'read' })
  const { admin } = roles.web.auth
  const grant = { domain: domainOf(address('mia@example.com')), user: address('mia@example.com') }
  await admin.delete('manager', grant, 'test')
  expect(await api(key, 'GET', '/user/ann@example.com')).toBe(403)
  await admin.add('manager', grant, 'test')
  expect(await api(key, 'GET', '/user/ann@example.com')).toBe(200)
  await admin.set('user', grant.user, { enabled: false }, 'test')
  expect(await api(key, 'GET', '/user/ann@example.com')).toBe(403)
  await admin.set('user', grant.user, { enabled: true }, 'test')
})
