import { afterAll, beforeAll, expect, test } from 'vitest'
import { address, addUsers, domainRow, newUser, silentUser } from '../../../test/support/auth.ts'
import { type Browser, startWeb, type TestWeb, textOf } from '../../../test/support/web.ts'

let web: TestWeb
let root: Browser
let manager: Browser
let user: Browser

beforeAll(async () => {
  web = await startWeb()
  const { admin } = web.auth
  await admin.add('domain', domainRow('many.example', { comment: '<b>' }), 'test')
  await admin.add('domain', domainRow('other.example'), 'test')
  await addUsers(admin, [
    newUser('root@example.com', { globalAdmin: true }),
    newUser('mia@example.com'),
    ...Array.from({ length: 300 }, (_, n) =>
      silentUser(`u${String(n).padStart(5, '0')}@many.example`, { displayedName: `Nr. ${n}` }),
    ),
  ])
  await admin.add(
    'manager',
    { domain: domainRow('many.example').name, user: address('mia@example.com') },
    'test',
  )
  root = await web.signedIn('root@example.com')
  manager = await web.signedIn('mia@example.com')
  user = await web.signedIn('bob@example.com')
})
afterAll(() => web.end())

const addressesIn = (text: string) => [
  ...new Set([...text.matchAll(/user\/edit\/([^"]+@[a-z]+\.example)/g)].map(([, each]) => each)),
]

test('strangers sign in first, and people who administer nothing see nothing', async () => {
  const stranger = await web.browser().get('/admin/user?q=x')
  expect([stranger.status, stranger.headers.get('location')]).toEqual([
    303,
    '/sso/login?url=%2Fadmin%2Fuser%3Fq%3Dx',
  ])
  expect((await user.get('/admin')).headers.get('location')).toBe('/account')
  expect((await user.get('/admin/user')).status).toBe(403)
  expect((await user.get('/admin/nothing')).status).toBe(403)
  expect(await textOf(user.get('/account'))).not.toContain('/admin')
})

test('who administers something finds it from everywhere, and sees what is his', async () => {
  expect(await textOf(manager.get('/account'))).toContain('href="/admin"')
  expect((await manager.get('/admin')).headers.get('location')).toBe('/admin/domain')
  const domains = await textOf(manager.get('/admin/domain'))
  expect(domains).toContain('many.example')
  expect(domains).toContain('&lt;b&gt;')
  expect(domains).not.toContain('other.example')
  expect(await textOf(root.get('/admin/domain'))).toContain('other.example')
  expect((await manager.get('/admin/user/list/example.com')).status).toBe(404)
  expect((await root.get('/admin/user/list/example.com')).status).toBe(200)
  expect(await textOf(manager.get('/admin/user'))).not.toContain('ann@example.com')
})

test('many people are read a page at a time, forwards and back', async () => {
  const start = '/admin/user/list/many.example'
  const first = await textOf(manager.get(start))
  expect(addressesIn(first).slice(0, 2)).toEqual(['u00000@many.example', 'u00001@many.example'])
  expect(first).not.toContain('rel="prev"')
  const next = /href="(\?[^"]+)" rel="next"/.exec(first)?.[1] ?? ''
  const second = await textOf(manager.get(start + next))
  expect(addressesIn(second)[0]).toBe('u00050@many.example')
  const back = /href="(\?[^"]+)" rel="prev"/.exec(second)?.[1] ?? ''
  expect(addressesIn(await textOf(manager.get(start + back)))).toEqual(addressesIn(first))
  const last = await textOf(manager.get(`${start}?after=u00290@many.example`))
  expect(addressesIn(last).at(-1)).toBe('u00299@many.example')
  expect(last).not.toContain('rel="next"')
})

test.each([
  ['u0017', 10],
  ['NR. 242', 1],
  ['%', 0],
  ["' or 1=1 --", 0],
])('a search for %j finds %i', async (text, found) => {
  const page = await textOf(manager.get(`/admin/user?q=${encodeURIComponent(text)}`))
  expect(addressesIn(page)).toHaveLength(found)
  expect(page.length).toBeLessThan(60_000)
})

test('elsewhere, and nowhere', async () => {
  const moved = await startWeb({ adminPath: '/ui/manage' }, web.auth)
  const none = await startWeb({ adminPath: undefined }, web.auth)
  const there = await moved.signedIn('root@example.com')
  const nowhere = await none.signedIn('root@example.com')
  expect(await textOf(there.get('/ui/manage/domain'))).toContain('href="/ui/manage/user/list/many.example"')
  expect((await nowhere.get('/admin/domain')).status).toBe(404)
  expect(await textOf(nowhere.get('/account'))).not.toContain('/admin')
  await Promise.all([moved.mail.end(), none.mail.end()])
})
