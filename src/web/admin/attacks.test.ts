import { afterAll, beforeAll, expect, test } from 'vitest'
import { webOperation } from '../../../test/support/web-operation.ts'
import { type Role, type Roles, startRoles } from '../../../test/support/web-roles.ts'
import { createConfigFiles } from '../../app/config-files.ts'
import { opsPages } from './ops/pages.ts'
import { adminPages } from './pages.ts'

/** Who may ask a route: everybody who manages something sees his own there, managers of the domain it is about, or admins. */
type Who = 'own list' | 'domain' | 'admins'

/** Every route of the administration, about something in example.com. A new one is added here, or the last test fails. */
const routes: readonly (readonly ['GET' | 'POST', string, Who, string])[] = [
  ['GET', '/domain', 'own list', ''],
  ['GET', '/domain/create', 'admins', ''],
  ['POST', '/domain/create', 'admins', ''],
  ['GET', '/domain/edit/:domain', 'admins', 'example.com'],
  ['POST', '/domain/edit/:domain', 'admins', 'example.com'],
  ['GET', '/domain/delete/:domain', 'admins', 'example.com'],
  ['POST', '/domain/delete/:domain', 'admins', 'example.com'],
  ['GET', '/user', 'own list', ''],
  ['GET', '/user/leaving', 'own list', ''],
  ['GET', '/user/import', 'own list', ''],
  ['POST', '/user/import', 'own list', ''],
  ['GET', '/user/template.csv', 'own list', ''],
  ['GET', '/user/export.csv', 'own list', ''],
  ['GET', '/user/list/:domain', 'domain', 'example.com'],
  ['GET', '/user/create/:domain', 'domain', 'example.com'],
  ['POST', '/user/create/:domain', 'domain', 'example.com'],
  ['GET', '/user/edit/:address', 'domain', 'ann@example.com'],
  ['POST', '/user/edit/:address', 'domain', 'ann@example.com'],
  ['POST', '/user/unlink/:address/:id/remove', 'domain', 'ann@example.com/a-link/remove'],
  ['GET', '/user/delete/:address', 'domain', 'ann@example.com'],
  ['GET', '/user/forward/:address', 'domain', 'ann@example.com'],
  ['POST', '/user/forward/:address', 'domain', 'ann@example.com'],
  ['GET', '/user/reply/:address', 'domain', 'ann@example.com'],
  ['POST', '/user/reply/:address', 'domain', 'ann@example.com'],
  ['GET', '/user/spam/:address', 'domain', 'ann@example.com'],
  ['POST', '/user/spam/:address', 'domain', 'ann@example.com'],
  ['POST', '/user/delete/:address', 'domain', 'ann@example.com'],
  ['POST', '/user/restore/:address', 'domain', 'gone@example.com'],
  ['GET', '/alias', 'own list', ''],
  ['GET', '/alias/list/:domain', 'domain', 'example.com'],
  ['GET', '/alias/create/:domain', 'domain', 'example.com'],
  ['POST', '/alias/create/:domain', 'domain', 'example.com'],
  ['GET', '/alias/edit/:address', 'domain', 'team@example.com'],
  ['POST', '/alias/edit/:address', 'domain', 'team@example.com'],
  ['POST', '/alias/delete/:address', 'domain', 'team@example.com'],
  ['GET', '/manager/list/:domain', 'domain', 'example.com'],
  ['POST', '/manager/create/:domain', 'domain', 'example.com'],
  ['POST', '/manager/delete/:domain/:address', 'domain', 'example.com/mia@example.com'],
  ['GET', '/access/list/:domain', 'domain', 'example.com'],
  ['POST', '/access/create/:domain', 'domain', 'example.com'],
  ['POST', '/access/delete/:domain/:address', 'domain', 'example.com/ann@example.com'],
  ['GET', '/relay', 'admins', ''],
  ['GET', '/relay/create', 'admins', ''],
  ['POST', '/relay/create', 'admins', ''],
  ['GET', '/relay/edit/:domain', 'admins', 'relayed.example'],
  ['POST', '/relay/edit/:domain', 'admins', 'relayed.example'],
  ['POST', '/relay/delete/:domain', 'admins', 'relayed.example'],
  ['GET', '/application', 'admins', ''],
  ['GET', '/application/create', 'admins', ''],
  ['POST', '/application/create', 'admins', ''],
  ['GET', '/application/edit/:id', 'admins', 'AN-APPLICATION'],
  ['POST', '/application/edit/:id', 'admins', 'AN-APPLICATION'],
  ['POST', '/application/secret/:id', 'admins', 'AN-APPLICATION'],
  ['POST', '/application/delete/:id', 'admins', 'AN-APPLICATION'],
  ['GET', '/senders', 'admins', ''],
  ['POST', '/senders', 'admins', ''],
  ['POST', '/senders/delete', 'admins', ''],
  ['GET', '/config', 'admins', ''],
  ['POST', '/config/export', 'admins', ''],
  ['POST', '/config/import', 'admins', ''],
  ['GET', '/announcement', 'admins', ''],
  ['GET', '/announcement/create', 'admins', ''],
  ['POST', '/announcement/create', 'admins', ''],
  ['POST', '/announcement/stop/:id{[0-9]{1,15}}', 'admins', '1'],
  ['GET', '/admin', 'admins', ''],
  ['GET', '/admin/list', 'admins', ''],
  ['POST', '/admin/create', 'admins', ''],
  ['POST', '/admin/delete/:address', 'admins', 'root@example.com'],
  ['GET', '/keys', 'own list', ''],
  ['POST', '/keys', 'domain', ''],
  ['POST', '/keys/delete/:name', 'domain', 'forms'],
]

/** Applications have numbers that nobody guesses, neither does this table. */
const pathOf = (route: string, about: string) =>
  `/admin${route.replace(/:.*/, about.replace('AN-APPLICATION', roles.application))}`

let roles: Roles
beforeAll(async () => {
  roles = await startRoles()
})
afterAll(() => roles.web.end())

/** All that may not be changed by who has no rights. */
const directory = async () => {
  const { admin, apiKeys, oauth } = roles.web.auth
  return JSON.stringify([
    await admin.everything(),
    await admin.departures(),
    await apiKeys.list(),
    await oauth.clients.list(),
  ])
}

function statusFor(role: Role, who: Who, method: string): number {
  if (role === 'stranger') return 303
  if (role === 'user') return 403
  // What they send has nothing in it.
  if (who === 'own list') return method === 'POST' ? 422 : 200
  if (who === 'admins') return 403
  return 404
}

const denied: readonly Role[] = ['stranger', 'user', 'other']

test.each(routes)('%s %s is for: %s', async (method, route, who, about) => {
  const path = pathOf(route, about)
  const before = await directory()
  for (const role of who === 'admins' ? [...denied, 'manager' as const] : denied) {
    const browser = roles.as[role]
    const answer = await (method === 'GET'
      ? browser.get(path)
      : browser.post(path, { user: 'bob@example.com' }))
    expect([role, answer.status]).toEqual([role, statusFor(role, who, method)])
    if (role === 'stranger') expect(answer.headers.get('location')).toMatch(/^\/sso\/login\?url=/)
  }
  expect(await directory()).toBe(before)
  if (method === 'GET')
    for (const role of who === 'admins' ? (['admin'] as const) : (['manager', 'admin'] as const))
      expect([role, (await roles.as[role].get(path)).status < 400]).toEqual([role, true])
})

const posts = routes.filter(([method]) => method === 'POST')

test.each(posts)('%s %s takes no form of another site', async (_method, route, _who, about) => {
  const path = pathOf(route, about)
  const before = await directory()
  for (const headers of [
    { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
    { 'Sec-Fetch-Site': 'same-site', Origin: 'https://www.example.test' },
    { 'Sec-Fetch-Site': '', Origin: 'null' },
  ])
    expect(
      (await roles.as.admin.post(path, { user: 'bob@example.com', name: 'example.com' }, headers)).status,
    ).toBe(403)
  expect(await directory()).toBe(before)
})

test.each([
  ['root@example.com', 'a global admin'],
  ['boss@example.com', 'who manages a domain that he does not'],
])('a manager does not touch %s, %s', async (address) => {
  const before = await directory()
  for (const [method, route] of routes.filter(([, each]) => /^\/user\/[a-z]+\/:address/.test(each))) {
    const path = pathOf(route, address)
    const answer = await (method === 'GET'
      ? roles.as.manager.get(path)
      : roles.as.manager.post(path, { pw: 'taken over!', pw2: 'taken over!', quota: '1G', enabled: 'yes' }))
    expect([path, answer.status]).toEqual([path, 404])
  }
  const path = '/admin/manager/create/example.com'
  expect((await roles.as.manager.post(path, { user: address })).status).toBe(422)
  expect((await roles.as.manager.post(path, { user: 'olga@other.example' })).status).toBe(422)
  expect(await directory()).toBe(before)
})

test.each([
  ['/admin/user/edit/olga@other.example', 404],
  ['/admin/user/edit/ann@example.com%00', 404],
  ['/admin/user/edit/..%2F..%2Frelay', 404],
  ['/admin/user/edit/%E0%A4%A', 404],
  ['/admin//relay', 404],
  ['/admin/relay/', 403],
  ['/admin/RELAY', 404],
  ['/admin/%72elay', 403],
  ['/admin/x/../relay', 403],
  ['/admin/alias/edit/x@other.example', 404],
  ['/admin/user/list/other.example', 404],
  ['/admin/user/list/example.com.', 200],
  ['/admin/user?after=%00&q=%00', 200],
])('a manager who asks for %s is answered %i', async (path, status) => {
  expect((await roles.as.manager.get(path)).status).toBe(status)
})

test('a manager makes nobody an admin by fields that the form does not have', async () => {
  const sneaky = { globalAdmin: 'yes', address: 'root@example.com', account: '1', domain: 'other.example' }
  const fields = { quota: '1G', enabled: 'yes', enableImap: 'yes', ...sneaky }
  expect((await roles.as.manager.post('/admin/user/edit/ann@example.com', fields)).status).toBe(303)
  const created = { localpart: 'new', pw: 'long enough', pw2: 'long enough', ...fields }
  expect((await roles.as.manager.post('/admin/user/create/example.com', created)).status).toBe(303)
  const people = await roles.web.auth.admin.users()
  expect(people.filter(({ globalAdmin }) => globalAdmin).map(({ address }) => address)).toEqual([
    'root@example.com',
  ])
  for (const localpart of ['x@other.example', 'x@other.example,y', '@', 'x\r\ny', ''])
    expect(
      (await roles.as.manager.post('/admin/user/create/example.com', { ...created, localpart })).status,
    ).toBe(422)
})

test('every route of the administration stands in the table', () => {
  const { auth, mail } = roles.web
  const { announcements } = auth
  const operation = webOperation(mail, auth)
  // Those have a table of their own
  const others = new Set(opsPages({ admin: auth.admin, ...operation }).map(({ path }) => path))
  const pages = adminPages({
    ...{ admin: auth.admin, external: auth.external, providerName: undefined },
    ...{ clients: auth.oauth.clients, issuer: 'https://mail.example.com' },
    ...{ mail: mail.store, senders: mail.senders, announcements, operation, apiKeys: auth.apiKeys },
    files: createConfigFiles(auth),
  })
  const known = pages
    .filter(({ path }) => !others.has(path))
    .flatMap(({ path, routes: { routes: own } }) =>
      own
        .filter(({ method }) => method !== 'ALL')
        .map((each) => `${each.method} ${path}${each.path === '/' ? '' : each.path}`),
    )
  expect(known.length).toBeGreaterThan(30)
  expect([...new Set(known)].toSorted()).toEqual(
    routes.map(([method, route]) => `${method} ${route}`).toSorted(),
  )
})
