import { afterEach, beforeEach, expect, test } from 'vitest'
import { address } from '../../../../test/support/auth.ts'
import { appendTo, mail } from '../../../../test/support/store.ts'
import { type Browser, hostile, startWeb, type TestWeb, textOf } from '../../../../test/support/web.ts'
import type { AccountId } from '../../../ports/accounts.ts'

let web: TestWeb
let browser: Browser
let account: AccountId

beforeEach(async () => {
  web = await startWeb()
  browser = await web.signedIn('ann@example.com')
  account = (await web.auth.admin.user(address('ann@example.com')))?.account as AccountId
})
afterEach(() => web.end())

const ads = 'require "fileinto";\r\nif header :contains "subject" "offer" {\r\n  fileinto "Ads";\r\n}\r\n'
const save = (fields: Record<string, string>) =>
  browser.post('/account/filters/edit', { text: ads, ...fields })
const actives = async () =>
  (await textOf(browser.get('/account/filters'))).match(/class="mark"/g)?.length ?? 0

test('rules are written, activated, renamed, switched off and deleted', async () => {
  expect(await textOf(browser.get('/account/filters/new'))).toContain('fileinto :create')
  const made = await save({ new: 'yes', name: 'Ads' })
  expect([made.status, made.headers.get('location')]).toEqual([303, '/account/filters/edit?name=Ads&saved'])
  const shown = await textOf(browser.get('/account/filters/edit?name=Ads&saved'))
  expect(shown).toContain('Saved.')
  expect(shown).toContain('fileinto &quot;Ads&quot;;')
  expect(await actives()).toBe(0)
  await browser.post('/account/filters/activate', { name: 'Ads' })
  expect(await actives()).toBe(1)
  await browser.post('/account/filters/rename', { name: 'Ads', to: 'A/d & s' })
  expect((await browser.get('/account/filters/edit?name=A%2Fd%20%26%20s')).status).toBe(200)
  expect(await actives()).toBe(1)
  expect((await browser.post('/account/filters/delete', { name: 'A/d & s' })).status).toBe(422)
  await browser.post('/account/filters/deactivate')
  expect(await actives()).toBe(0)
  expect((await browser.post('/account/filters/delete', { name: 'A/d & s' })).status).toBe(303)
  expect(await textOf(browser.get('/account/filters'))).toContain('You have no rules of your own yet.')
  const audit = (await web.auth.admin.audit()).filter(({ on }) => on === 'script')
  expect(audit.map(({ did, key, actor }) => [did, key, actor]).toReversed()).toEqual([
    ['created', 'ann@example.com Ads', 'ann@example.com'],
    ['modified', 'ann@example.com Ads', 'ann@example.com'],
    ['modified', 'ann@example.com Ads', 'ann@example.com'],
    ['modified', 'ann@example.com A/d & s', 'ann@example.com'],
    ['deleted', 'ann@example.com A/d & s', 'ann@example.com'],
  ])
})

test('saved and activated in one step', async () => {
  await save({ new: 'yes', name: 'Ads', do: 'activate' })
  expect(await actives()).toBe(1)
})

test('a mistake is told at its line, and nothing is kept', async () => {
  const answer = await save({ new: 'yes', name: hostile, text: 'keep;\r\nfrop "<script>";\r\n' })
  expect(answer.status).toBe(422)
  const text = await answer.text()
  expect(text).toContain('Line 2, column 1: unknown command')
  expect(text).toContain('<span>2</span> frop &quot;&lt;script&gt;&quot;')
  expect(text).toContain('aria-invalid="true"')
  expect(text).not.toContain('<script')
  expect(await textOf(browser.get('/account/filters'))).toContain('You have no rules')
})

test.each([
  ['a name that is taken', { name: 'Ads', new: 'yes' }, 'There are rules of that name already.'],
  ['no name', { name: '', new: 'yes' }, 'A name has 1 to 256 characters'],
  [
    'too long a text',
    { name: 'more', new: 'yes', text: `#${'x'.repeat(30_000)}` },
    'Rules may have 20,000 bytes.',
  ],
])('%s is refused, and what was written stays in the form', async (_, fields, why) => {
  await save({ name: 'Ads', new: 'yes' })
  const answer = await save(fields)
  expect(answer.status).toBe(422)
  const text = await answer.text()
  expect(text).toContain(why)
  expect(text).toContain(('text' in fields ? fields.text : 'fileinto').slice(0, 1_000))
})

test('a name is not taken from other rules by renaming', async () => {
  for (const name of ['Ads', 'News']) await save({ name, new: 'yes' })
  const answer = await browser.post('/account/filters/rename', { name: 'Ads', to: 'News' })
  expect(answer.status).toBe(422)
})

test('rules are tried on the mail that is there, whoever wrote its subject', async () => {
  await appendTo(
    web.mail,
    account,
    'INBOX',
    mail({ subject: `An offer ${hostile}` }),
    mail({ subject: 'A letter' }),
  )
  const text = await textOf(save({ name: 'Ads', new: 'yes', do: 'rehearse' }))
  expect(text).toContain('2 messages were looked at.')
  expect(text).toContain('1 would have gone elsewhere.')
  expect(text).toContain('An offer &quot;&gt;&lt;script&gt;')
  expect(text).toContain('Now: INBOX')
  expect(text).toContain('then: Ads')
  expect(text).not.toContain('<script')
  expect(await textOf(browser.get('/account/filters'))).toContain('You have no rules')
  expect(await textOf(save({ name: 'Ads', text: '\r\nfrop;', do: 'rehearse' }))).toContain('Line 2, column 1')
})

test('nobody sees, changes or deletes the rules of another', async () => {
  await save({ name: 'Ads', new: 'yes', do: 'activate' })
  const bob = web.browser()
  await bob.signIn('bob@example.com')
  expect((await bob.get('/account/filters/edit?name=Ads')).status).toBe(404)
  for (const path of ['activate', 'delete', 'rename'])
    expect((await bob.post(`/account/filters/${path}`, { name: 'Ads', to: 'Mine' })).status).toBe(404)
  await bob.post('/account/filters/deactivate')
  await bob.post('/account/filters/edit', { name: 'Ads', text: 'discard;', do: 'activate' })
  expect(await actives()).toBe(1)
  expect(await textOf(browser.get('/account/filters/edit?name=Ads'))).toContain('fileinto')
})

test('rules that do not work any more say so, and are not activated', async () => {
  const part = 'require "variables"; set "a" "b";'
  await save({ name: 'part', new: 'yes', text: part })
  const text = 'require "include"; include :personal "part";'
  await save({ name: 'main', new: 'yes', text, do: 'activate' })
  const limits = { scripts: 5, scriptBytes: 20_000, bytes: 40_000 }
  await web.mail.scripts.put(account, { name: 'part', text: 'frop;' }, limits)
  expect(await textOf(browser.get('/account/filters'))).toContain('“main” does not work any more')
  await browser.post('/account/filters/deactivate')
  const answer = await browser.post('/account/filters/activate', { name: 'main' })
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('“part”, line 1, column 1')
})
