import { afterEach, beforeEach, expect, test } from 'vitest'
import { address } from '../../../test/support/auth.ts'
import { hostile, startWeb, type TestWeb, textOf } from '../../../test/support/web.ts'
import type { DomainName } from '../../lib/address.ts'

let web: TestWeb
beforeEach(async () => {
  web = await startWeb()
})
afterEach(() => web.end())

const good = { name: 'Mine.example', localpart: 'boss', pw: 'long enough', pw2: 'long enough' }
const post = (fields: object = {}, ip = '192.0.2.1') =>
  web.browser({ ip }).post('/sso/domain', { ...good, ...fields })
const names = async () => (await web.auth.admin.domains()).map(({ name }) => name)

test('whoever has led the mail of a domain here registers it, and manages it', async () => {
  expect(await textOf(web.browser().get('/'))).toContain('/sso/domain')
  expect(await textOf(web.browser().get('/sso/domain'))).toContain('mail.example.test')
  const sneaky = { globalAdmin: 'yes', maxUsers: '-1' }
  expect((await post(sneaky)).headers.get('location')).toBe('/sso/domain/done')
  const found = (await web.auth.admin.domains()).find(({ name }) => name === 'mine.example')
  expect(found).toMatchObject({
    maxUsers: 10,
    maxAliases: 10,
    maxQuotaBytes: 1_000_000_000,
    signupEnabled: false,
  })
  const boss = address('boss@mine.example')
  expect(await web.auth.admin.user(boss)).toMatchObject({ globalAdmin: false, enabled: true })
  const browser = web.browser()
  await browser.signIn(boss, 'long enough')
  expect((await browser.get('/admin/user/list/mine.example')).status).toBe(200)
  expect((await browser.get('/admin/user/list/example.com')).status).toBe(404)
})

test('whoever is signed in manages it with the account he has', async () => {
  const bob = await web.signedIn('bob@example.com')
  expect(await textOf(bob.get('/sso/domain'))).not.toContain('name="pw"')
  expect((await bob.post('/sso/domain', { name: 'mine.example' })).status).toBe(303)
  expect(await web.auth.admin.managers(address('bob@example.com'))).toMatchObject([
    { domain: 'mine.example' },
  ])
  expect(await web.auth.admin.users('mine.example' as DomainName)).toEqual([])
})

test.each([
  [{ name: 'far.example' }, 'names mail.example.test'],
  [{ name: 'unknown.example' }, 'names mail.example.test'],
  [{ name: 'example.com', localpart: 'new' }, 'is taken'],
  [{ name: 'example' }, 'looks like example.org'],
  [{ name: hostile }, 'looks like example.org'],
  [{ localpart: 'a@mine.example,b' }, 'is no name|is taken|no e-mail address'],
  [{ localpart: 'ann@example.com' }, 'is taken|no e-mail address'],
  [{ localpart: 'a+b' }, 'is taken'],
  [{ pw: 'short', pw2: 'short' }, 'at least 8'],
  [{ pw2: 'another one' }, 'differ|not the same'],
])('%j is refused, and nothing is made', async (fields, why) => {
  const before = [await names(), await web.auth.admin.users()]
  const answer = await post(fields)
  expect(answer.status).toBe(422)
  const text = await answer.text()
  expect(text).toMatch(new RegExp(why))
  expect(text).not.toContain('<script')
  expect([await names(), await web.auth.admin.users()]).toEqual(before)
})

test('one network tries twenty times an hour', async () => {
  for (let tried = 0; tried < 20; tried++) expect((await post({ name: 'far.example' })).status).toBe(422)
  expect((await post()).status).toBe(429)
  expect((await post({}, '198.51.100.1')).status).toBe(303)
})

test('no other site registers one in the name of whoever is signed in', async () => {
  const bob = await web.signedIn('bob@example.com')
  const foreign = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }
  expect((await bob.post('/sso/domain', { name: 'mine.example' }, foreign)).status).toBe(403)
})
