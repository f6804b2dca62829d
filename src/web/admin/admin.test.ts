import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { address, domainRow } from '../../../test/support/auth.ts'
import { type Browser, hostile, textOf } from '../../../test/support/web.ts'
import { type Roles, startRoles } from '../../../test/support/web-roles.ts'

let roles: Roles
let root: Browser
beforeAll(async () => {
  roles = await startRoles()
  root = roles.as.admin
})
afterAll(() => roles.web.end())

const directory = () => roles.web.auth.admin
const person = { quota: '1.5G', enabled: 'yes', enableImap: 'yes', pw: 'long enough', pw2: 'long enough' }

test('a domain is made, changed and deleted', async () => {
  const fields = {
    name: 'New.Example',
    maxUsers: '3',
    maxAliases: '-1',
    maxQuota: '2G',
    alternatives: 'alt.example\r\nbücher.example',
  }
  const made = await root.post('/admin/domain/create', { ...fields, signupEnabled: 'yes', comment: hostile })
  expect([made.status, made.headers.get('location')]).toEqual([303, '/admin/domain?saved'])
  const find = async () => (await directory().domains()).find(({ name }) => name === 'new.example')
  expect(await find()).toMatchObject({
    maxUsers: 3,
    maxAliases: -1,
    maxQuotaBytes: 2e9,
    alternatives: ['alt.example', 'xn--bcher-kva.example'],
    signupEnabled: true,
    anonmailEnabled: false,
  })
  const list = await textOf(root.get('/admin/domain'))
  expect(list).toContain('0 / 3')
  expect(list).not.toContain('<script')
  expect((await root.post('/admin/domain/create', { ...fields })).status).toBe(422)
  const changed = await root.post('/admin/domain/edit/new.example', {
    maxUsers: '-1',
    maxAliases: '0',
    maxQuota: '0',
  })
  expect(changed.status).toBe(303)
  expect(await find()).toMatchObject({ maxUsers: -1, alternatives: [], signupEnabled: false, comment: '' })
  expect((await root.post('/admin/domain/delete/new.example', { name: 'new.exampl' })).status).toBe(422)
  expect(await find()).toBeDefined()
  expect((await root.post('/admin/domain/delete/new.example', { name: 'new.example' })).status).toBe(303)
  expect(await find()).toBeUndefined()
  expect((await root.post('/admin/domain/delete/example.com', { name: 'example.com' })).status).toBe(422)
  expect((await directory().audit())[0]).toMatchObject({
    actor: 'root@example.com',
    on: 'domain',
    key: 'new.example',
    did: 'deleted',
  })
})

test.each([
  [{ name: 'no domain' }, 'looks like example.org'],
  [{ maxUsers: '-2' }, 'whole number'],
  [{ maxQuota: 'much' }, 'looks like 500M'],
  [{ alternatives: hostile }, 'is no domain'],
])('a domain is not made with %j', async (wrong, why) => {
  const answer = await root.post('/admin/domain/create', {
    name: 'x.example',
    maxUsers: '1',
    maxAliases: '1',
    maxQuota: '0',
    ...wrong,
  })
  expect(answer.status).toBe(422)
  const text = await answer.text()
  expect(text).toContain(why)
  expect(text).toContain('aria-invalid="true"')
  expect(text).not.toContain('<script')
})

test('somebody is made, signs in, has to change his password, and is switched off', async () => {
  const made = await root.post('/admin/user/create/example.com', {
    ...person,
    localpart: 'New/Person',
    displayedName: hostile,
    mustChangePassword: 'yes',
  })
  expect(made.headers.get('location')).toBe('/admin/user/list/example.com?saved')
  const who = address('new/person@example.com')
  expect(await directory().user(who)).toMatchObject({
    quotaBytes: 1.5e9,
    enablePop: false,
    mustChangePassword: true,
  })
  const page = await textOf(root.get('/admin/user?q=new/person'))
  const path = /href="(\/admin\/user\/edit\/[^"]+)"/.exec(page)?.[1] ?? ''
  expect(page).not.toContain('<script')
  const form = await textOf(root.get(path))
  expect(form).toContain('value="1.5G"')
  expect(form).not.toContain('<script')
  const browser = roles.web.browser()
  await browser.signIn(who, 'long enough')
  expect((await browser.get('/account')).headers.get('location')).toBe('/sso/pw_change')
  const changed = await root.post(path, { ...person, enabled: '', quota: '1500M', pw: '', pw2: '' })
  expect(changed.status).toBe(303)
  expect(await directory().user(who)).toMatchObject({ enabled: false, quotaBytes: 1.5e9, displayedName: '' })
  expect((await browser.get('/account')).headers.get('location')).toMatch('/sso/login')
  await root.post(path, { ...person, pw: 'another one', pw2: 'another one' })
  expect((await browser.signIn(who, 'another one')).headers.get('location')).toBe('/account')
  await browser.post('/sso/logout')
  const [last] = await directory().audit()
  expect(last).toMatchObject({ actor: 'root@example.com', on: 'user', key: who })
  expect(JSON.stringify(last)).not.toContain('another one')
})

test('where mail still is is said by global admins alone: passwords go there', async () => {
  const bob = address('bob@example.com')
  const edit = '/admin/user/edit/bob@example.com'
  const same = { ...person, pw: '', pw2: '' }
  await root.post(edit, { ...same, oldServer: 'old.example imap=143' })
  expect(await directory().user(bob)).toMatchObject({ oldServer: 'old.example imap=143' })
  expect(await textOf(root.get(edit))).toContain('value="old.example imap=143"')
  const { manager } = roles.as
  expect(await textOf(manager.get(edit))).not.toContain('oldServer')
  await manager.post(edit, { ...same, oldServer: 'evil.example' })
  expect(await directory().user(bob)).toMatchObject({ oldServer: 'old.example imap=143' })
  expect((await root.post(edit, { ...same, oldServer: hostile })).status).toBe(422)
  await root.post(edit, { ...same, oldServer: '' })
  const limits = { maxUsers: '-1', maxAliases: '-1', maxQuota: '0' }
  const domain = '/admin/domain/edit/example.com'
  expect((await root.post(domain, { ...limits, oldServer: 'two hosts' })).status).toBe(422)
  expect((await root.post(domain, { ...limits, oldServer: 'old.example' })).status).toBe(303)
  const found = async () => (await directory().domains()).find(({ name }) => name === 'example.com')
  expect(await found()).toMatchObject({ oldServer: 'old.example' })
  await root.post('/admin/user/create/example.com', { ...person, localpart: 'elsewhere', pw: '*', pw2: '*' })
  expect(await directory().user(address('elsewhere@example.com'))).toBeDefined()
  await directory().set('domain', domainRow('example.com').name, { oldServer: '' }, 'test')
})

test('how much somebody may send is said by global admins alone, his hours by managers too', async () => {
  const bob = address('bob@example.com')
  const edit = '/admin/user/edit/bob@example.com'
  const same = { ...person, pw: '', pw2: '' }
  await root.post(edit, { ...same, messageRate: '20 per 2 hours', timeZone: 'Europe/Berlin' })
  expect(await directory().user(bob)).toMatchObject({
    messageRate: { count: 20, seconds: 7200 },
    timeZone: 'Europe/Berlin',
  })
  expect(await textOf(root.get(edit))).toContain('value="20/2 hour"')
  const { manager } = roles.as
  expect(await textOf(manager.get(edit))).not.toContain('messageRate')
  await manager.post(edit, { ...same, messageRate: '0', timeZone: '' })
  expect(await directory().user(bob)).toMatchObject({
    messageRate: { count: 20, seconds: 7200 },
    timeZone: '',
  })
  for (const messageRate of ['much', '0/day', '-1', hostile]) {
    expect((await root.post(edit, { ...same, messageRate })).status).toBe(422)
  }
  expect((await root.post(edit, { ...same, timeZone: hostile })).status).toBe(422)
  await root.post(edit, { ...same, messageRate: '0' })
  expect((await directory().user(bob))?.messageRate).toBe('unlimited')
  await root.post(edit, { ...same, messageRate: '' })
  expect((await directory().user(bob))?.messageRate).toBe('standard')
})

test.each([
  [{ pw: 'short', pw2: 'short' }, 'at least 8'],
  [{ pw2: 'other words' }, 'differ'],
  [{ quota: hostile }, 'looks like 500M'],
  [{ localpart: hostile }, 'is no e-mail address'],
  [{ localpart: 'ann' }, 'exists already'],
  [{ localpart: 'team' }, 'exists already'],
  [{ localpart: 'gone' }, 'exists already'],
])('nobody is made with %j', async (wrong, why) => {
  const answer = await root.post('/admin/user/create/example.com', { localpart: 'fine', ...person, ...wrong })
  expect(answer.status).toBe(422)
  const text = await answer.text()
  expect(text).toContain(why)
  expect(text).not.toContain('<script')
  expect(text).not.toContain('long enough')
})

test('a manager keeps to the limits of his domain', async () => {
  const domain = domainRow('other.example').name
  await directory().set('domain', domain, { maxUsers: 2, maxQuotaBytes: 5e8 }, 'test')
  const create = (localpart: string, quota: string) =>
    roles.as.other.post('/admin/user/create/other.example', { ...person, localpart, quota })
  expect(await textOf(create('a', '0'))).toContain('at most 500000000')
  expect((await create('a', '500M')).status).toBe(303)
  expect(await textOf(create('b', '1M'))).toContain('may have 2 users')
})

test('deleting somebody can be taken back', async () => {
  const ann = address('ann@example.com')
  const before = await directory().user(ann)
  expect(await textOf(roles.as.manager.get('/admin/user/delete/ann@example.com'))).toContain('After 14 days')
  expect((await roles.as.manager.post('/admin/user/delete/ann@example.com')).headers.get('location')).toBe(
    '/admin/user/leaving?deleted',
  )
  expect(await directory().user(ann)).toBeUndefined()
  expect(await textOf(roles.as.manager.get('/admin/user/leaving'))).toContain('ann@example.com')
  expect(await textOf(roles.as.other.get('/admin/user/leaving'))).not.toContain('ann@example.com')
  expect((await roles.as.other.post('/admin/user/restore/ann@example.com')).status).toBe(404)
  expect((await roles.as.manager.post('/admin/user/restore/ann@example.com')).status).toBe(303)
  expect(await directory().user(ann)).toEqual(before)
  expect((await root.post('/admin/user/delete/root@example.com')).status).toBe(404)
  expect((await root.post('/admin/user/edit/root@example.com', { ...person, enabled: '' })).status).toBe(422)
})

test('an admin looks after the auto-reply of somebody else, under his own name', async () => {
  const fields = { enabled: 'yes', subject: 'Away', body: hostile }
  const answer = await root.post('/admin/user/reply/bob@example.com', fields)
  expect(answer.headers.get('location')).toBe('/admin/user/reply/bob@example.com?saved')
  expect(await directory().user(address('bob@example.com'))).toMatchObject({
    replyEnabled: true,
    replyBody: hostile,
  })
  expect((await directory().audit())[0]).toMatchObject({ actor: 'root@example.com', key: 'bob@example.com' })
  expect(await textOf(root.get('/admin/user/reply/bob@example.com'))).not.toContain('<script')
})

test('an alias is made, found, changed and deleted; a catch-all and destinations elsewhere too', async () => {
  const create = (fields: Record<string, string>) => root.post('/admin/alias/create/other.example', fields)
  expect(
    (await create({ localpart: '%', wildcard: 'yes', destination: 'olga@other.example', comment: hostile }))
      .status,
  ).toBe(303)
  expect(
    (await create({ localpart: 'far', destination: 'x@elsewhere.example, y@elsewhere.example' })).status,
  ).toBe(303)
  const all = await directory().aliases(domainRow('other.example').name)
  expect(all).toMatchObject([
    { address: '%@other.example', wildcard: true },
    { address: 'far@other.example', destination: ['x@elsewhere.example', 'y@elsewhere.example'] },
  ])
  const found = await textOf(root.get('/admin/alias?q=y@elsewhere'))
  expect(found).toContain('far@other.example')
  expect(found).not.toContain('%@other.example')
  const page = await textOf(root.get('/admin/alias/list/other.example'))
  expect(page).not.toContain('<script')
  const path = /href="(\/admin\/alias\/edit\/%25@[^"]+)"/.exec(page)?.[1] ?? ''
  expect(await textOf(root.get(path))).toContain('olga@other.example')
  expect((await root.post(path, { destination: 'olga@other.example', disabled: 'yes' })).status).toBe(303)
  expect(await directory().aliases(domainRow('other.example').name)).toMatchObject([
    { disabled: true, wildcard: false },
    {},
  ])
  expect((await root.post(path.replace('edit', 'delete'))).status).toBe(303)
  expect(await directory().aliases(domainRow('other.example').name)).toHaveLength(1)
  expect(await textOf(create({ localpart: 'nowhere', destination: '' }))).toContain('Say where to')
  expect(await textOf(create({ localpart: 'nowhere', destination: hostile }))).not.toContain('<script')
})

test('relays, managers and admins come and go', async () => {
  const relay = { name: 'branch.example', target: 'mx:mail.branch.example', comment: hostile }
  expect((await root.post('/admin/relay/create', relay)).status).toBe(303)
  expect((await root.post('/admin/relay/create', { name: 'x.example', target: hostile })).status).toBe(422)
  expect(await textOf(root.get('/admin/relay'))).not.toContain('<script')
  expect((await root.post('/admin/relay/edit/branch.example', { target: 'lmtp:there' })).status).toBe(303)
  expect(await directory().relays()).toMatchObject([
    { name: 'branch.example', target: 'lmtp:there', comment: '' },
    {},
  ])
  expect((await root.post('/admin/relay/delete/branch.example')).status).toBe(303)

  const bob = address('bob@example.com')
  expect((await roles.as.manager.post('/admin/manager/create/example.com', { user: bob })).status).toBe(303)
  expect(await directory().managers(bob)).toHaveLength(1)
  expect((await roles.as.user.get('/admin/user/list/example.com')).status).toBe(200)
  expect((await roles.as.manager.post(`/admin/manager/delete/example.com/${bob}`)).status).toBe(303)
  expect((await roles.as.user.get('/admin/user/list/example.com')).status).toBe(403)

  expect((await roles.as.manager.post('/admin/access/create/example.com', { user: bob })).status).toBe(303)
  expect(await directory().accesses()).toMatchObject([{ domain: 'example.com', user: bob }])
  expect(await textOf(roles.as.manager.get('/admin/access/list/example.com'))).toContain(bob)
  expect((await roles.as.manager.post(`/admin/access/delete/example.com/${bob}`)).status).toBe(303)
  expect(await directory().accesses()).toEqual([])

  expect((await root.post('/admin/admin/create', { user: bob })).status).toBe(303)
  expect((await roles.as.user.get('/admin/admin/list')).status).toBe(200)
  expect((await root.post(`/admin/admin/delete/${bob}`)).status).toBe(303)
  expect((await roles.as.user.get('/admin/admin/list')).status).toBe(403)
  expect((await root.post('/admin/admin/delete/root@example.com')).status).toBe(404)
  expect((await root.post('/admin/admin/create', { user: hostile })).status).toBe(422)
})

test('pages are small, need nothing else, and every text is there', async () => {
  const paths = [
    'domain',
    'domain/create',
    'domain/edit/example.com',
    'domain/delete/example.com',
    'user',
    'user/list/example.com',
    'user/create/example.com',
    'user/edit/bob@example.com',
    'user/delete/bob@example.com',
    'user/leaving',
    'user/import',
    'alias',
    'alias/list/example.com',
    'alias/create/example.com',
    'alias/edit/team@example.com',
    'manager/list/example.com',
    'access/list/example.com',
    'relay',
    'relay/create',
    'relay/edit/relayed.example',
    'announcement',
    'announcement/create',
    'admin/list',
  ]
  for (const path of paths)
    for (const language of ['en', 'de']) {
      const answer = await root.get(`/admin/${path}`, { 'Accept-Language': language })
      const text = await answer.text()
      expect([path, answer.status]).toEqual([path, 200])
      expect(gzipSync(text).length).toBeLessThan(15_000)
      expect(text).not.toMatch(/<script|src=|url\(|href="https?:|undefined|\[object/)
      expect(text).not.toMatch(
        />\s*(?:nav|users|domains|aliases|relays|managers|admins|list|form)\.[a-z-]+\s*</,
      )
    }
})
