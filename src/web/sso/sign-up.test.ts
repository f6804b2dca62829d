import { afterEach, beforeEach, expect, test } from 'vitest'
import { address, aliasRow, domainRow } from '../../../test/support/auth.ts'
import { hostile, startWeb, type TestWeb, textOf } from '../../../test/support/web.ts'

let web: TestWeb
const domain = domainRow('example.com').name
beforeEach(async () => {
  web = await startWeb()
})
afterEach(() => web.end())

const open = (more: object = {}) =>
  web.auth.admin.set('domain', domain, { signupEnabled: true, ...more }, 'test')
const good = { name: 'New.Person', domain, pw: 'long enough', pw2: 'long enough' }
const post = (fields: object = {}, ip = '192.0.2.1') =>
  web.browser({ ip }).post('/sso/signup', { ...good, ...fields })
const people = async () => (await web.auth.admin.users(domain)).map((user) => user.address)

test('where no domain takes people there is no such page, and nobody is told of it', async () => {
  expect((await web.browser().get('/sso/signup')).status).toBe(404)
  expect((await post()).status).toBe(404)
  expect(await textOf(web.browser().get('/'))).not.toContain('/sso/signup')
})

test('somebody makes himself an account and signs in, without rights', async () => {
  await open()
  expect(await textOf(web.browser().get('/'))).toContain('/sso/signup')
  expect(await textOf(web.browser().get('/sso/signup'))).not.toMatch(/<script|src=/)
  const sneaky = { globalAdmin: 'yes', quotaBytes: '0', enabled: 'no' }
  const made = await post(sneaky)
  expect(made.headers.get('location')).toBe('/sso/signup/done?address=new.person%40example.com')
  expect(await textOf(web.browser().get(made.headers.get('location') ?? ''))).toContain(
    'new.person@example.com',
  )
  expect(await web.auth.admin.user(address('new.person@example.com'))).toMatchObject({
    globalAdmin: false,
    enabled: true,
    mustChangePassword: false,
    quotaBytes: 1_000_000_000,
  })
  const browser = web.browser()
  const entered = await browser.signIn('new.person@example.com', 'long enough')
  expect(entered.headers.get('location')).toBe('/account')
  const [last] = await web.auth.admin.audit()
  expect(last).toMatchObject({ actor: 'sign-up', on: 'user', did: 'created' })
})

test.each([
  [{ name: 'ann' }, 'is taken'],
  [{ name: 'team' }, 'is taken'],
  [{ name: 'ann+x' }, 'is taken'],
  [{ name: 'Postmaster' }, 'is taken'],
  [{ name: 'hostmaster' }, 'is taken'],
  [{ name: '"a b"' }, 'is taken'],
  [{ name: 'a/b' }, 'is taken'],
  [{ name: 'аnn' }, 'is taken'],
  [{ name: hostile }, 'is no e-mail address'],
  [{ name: '' }, 'is no e-mail address'],
  [{ domain: 'other.example' }, 'takes nobody'],
  [{ pw: 'short', pw2: 'short' }, 'at least 8'],
  [{ pw2: 'other words' }, 'differ'],
])('with %j nobody is made', async (wrong, why) => {
  await open()
  await web.auth.admin.add('alias', aliasRow('team@example.com', ['ann@example.com']), 'test')
  const before = await people()
  const answer = await post(wrong)
  expect(answer.status).toBe(422)
  const text = await answer.text()
  expect(text).toContain(why)
  expect(text).not.toMatch(/<script|long enough/)
  expect(await people()).toEqual(before)
})

test('a full domain takes nobody, nor does one with a catch-all', async () => {
  await open({ maxUsers: 3 })
  expect((await post()).status).toBe(303)
  expect((await post({ name: 'next' }, '198.51.100.1')).status).toBe(404)
  await open({ maxUsers: -1 })
  await web.auth.admin.add(
    'alias',
    { ...aliasRow('%@example.com', ['ann@example.com']), wildcard: true },
    'test',
  )
  expect((await post({ name: 'next' }, '198.51.100.1')).status).toBe(422)
})

test('one network makes three accounts a day, whatever it does at once, and others go on', async () => {
  await open()
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => post({ name: `person${n}` }, `192.0.2.${n + 1}`)),
  )
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 303)).toHaveLength(3)
  expect(statuses.filter((status) => status === 429)).toHaveLength(5)
  expect(await people()).toHaveLength(5)
  const later = await post({ name: 'later' })
  expect(Number(later.headers.get('retry-after'))).toBeGreaterThan(3_600)
  expect((await post({ name: 'other' }, '198.51.100.1')).status).toBe(303)
})

test('who asks for names is stopped before he knows them all', async () => {
  await open()
  const statuses = []
  for (let n = 0; n < 22; n++) statuses.push((await post({ name: 'ann' })).status)
  expect(statuses.slice(0, 20).every((status) => status === 422)).toBe(true)
  expect(statuses.slice(20)).toEqual([429, 429])
})

test('a form of another site makes nobody', async () => {
  await open()
  const foreign = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }
  expect((await web.browser().post('/sso/signup', good, foreign)).status).toBe(403)
})
