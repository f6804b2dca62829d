import { afterEach, beforeEach, expect, test } from 'vitest'
import { address } from '../../../test/support/auth.ts'
import { type Browser, hostile, startWeb, type TestWeb, textOf } from '../../../test/support/web.ts'

let web: TestWeb
let browser: Browser
const ann = address('ann@example.com')

beforeEach(async () => {
  web = await startWeb()
  browser = web.browser()
  await browser.signIn()
})
afterEach(() => web.end())

test.each([
  [
    '/account/forward',
    { enabled: 'yes', destinations: 'Bob@Example.com\r\ncid@elsewhere.example', keep: 'yes' },
    {
      forwardEnabled: true,
      forwardDestination: ['bob@example.com', 'cid@elsewhere.example'],
      forwardKeep: true,
    },
  ],
  [
    '/account/forward',
    { destinations: '' },
    { forwardEnabled: false, forwardDestination: [], forwardKeep: false },
  ],
  [
    '/account/reply',
    { enabled: 'yes', subject: 'Away', body: 'Back\r\nsoon', start: '2026-01-02', end: '2026-02-03' },
    {
      replyEnabled: true,
      replySubject: 'Away',
      replyBody: 'Back\nsoon',
      replyStart: '2026-01-02',
      replyEnd: '2026-02-03',
    },
  ],
  [
    '/account/reply',
    { enabled: 'yes', body: 'Back soon', start: '', end: '' },
    { replyEnabled: true, replyStart: '1900-01-01', replyEnd: '2999-12-31' },
  ],
  [
    '/account/spam',
    { enabled: 'yes', threshold: '60', detailFiling: 'yes' },
    { spamEnabled: true, spamMarkAsRead: false, spamThreshold: 60, detailFiling: true },
  ],
  [
    '/account/settings',
    { displayedName: ' Ann ', timeZone: 'America/New_York' },
    { displayedName: 'Ann', timeZone: 'America/New_York' },
  ],
])('%s takes %j', async (path, fields, expected) => {
  const answer = await browser.post(path, fields)
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${path}?saved`])
  expect(await web.auth.admin.user(ann)).toMatchObject(expected)
  expect(await textOf(browser.get(`${path}?saved`))).toContain('Saved.')
  const [last] = await web.auth.admin.audit()
  expect(last).toMatchObject({ actor: 'ann@example.com', key: 'ann@example.com' })
})

test.each([
  ['/account/forward', { enabled: 'yes', destinations: hostile }, 'is no e-mail address'],
  ['/account/forward', { enabled: 'yes', destinations: ' ' }, 'Say where to'],
  ['/account/reply', { enabled: 'yes', body: ' ', subject: hostile }, 'needs a text'],
  ['/account/reply', { body: 'x', start: '2026-02-30' }, 'no day of the calendar'],
  ['/account/reply', { body: 'x', start: '2026-02-03', end: '2026-02-02' }, 'before it begins'],
  ['/account/spam', { threshold: '101' }, 'from 0 to 100'],
  ['/account/spam', { threshold: hostile }, 'from 0 to 100'],
  ['/account/settings', { displayedName: hostile.repeat(9) }, 'At most 160 characters'],
])('%s refuses %j and says where', async (path, fields, why) => {
  const before = await web.auth.admin.user(ann)
  const answer = await browser.post(path, fields)
  expect(answer.status).toBe(422)
  const text = await answer.text()
  expect(text).toContain(why)
  expect(text).toContain('aria-invalid="true"')
  expect(text).not.toContain('<script')
  expect(await web.auth.admin.user(ann)).toEqual(before)
})

test('an app password is shown once, works, and is taken back', async () => {
  const made = await textOf(
    browser.post('/account/tokens', {
      comment: hostile,
      networks: '192.0.2.0/24',
      days: '7',
      'for-imap': 'yes',
    }),
  )
  const secret = /<code>([0-9a-f]{32})<\/code>/.exec(made)?.[1] ?? ''
  const attempt = { login: ann, password: secret, service: 'imap', ip: '192.0.2.9', connection: 'c' } as const
  expect((await web.auth.credentials.verify(attempt)).kind).toBe('accepted')
  expect((await web.auth.credentials.verify({ ...attempt, ip: '198.51.100.1' })).kind).toBe('refused')
  expect((await web.auth.credentials.verify({ ...attempt, service: 'smtp' })).kind).toBe('refused')
  const list = await textOf(browser.get('/account/tokens'))
  expect(list).toContain('only for Receiving (IMAP)')
  expect(list).not.toContain(secret)
  expect(list).not.toContain('<script')
  expect(list).toContain('only from 192.0.2.0/24')
  const [{ id } = { id: 0 }] = await web.auth.admin.tokens(ann)
  expect((await browser.post(`/account/tokens/${id}/delete`)).status).toBe(303)
  expect((await web.auth.credentials.verify(attempt)).kind).toBe('refused')
})

test.each([
  [{ days: '0' }, 'whole number from 1'],
  [{ days: '99999999999' }, 'whole number from 1'],
  [{ networks: 'home' }, 'Addresses look like'],
])('an app password is not made with %j', async (fields, why) => {
  const answer = await browser.post('/account/tokens', { comment: 'kept', ...fields })
  expect(answer.status).toBe(422)
  const text = await answer.text()
  expect(text).toContain(why)
  expect(text).toContain('value="kept"')
  expect(await web.auth.admin.tokens(ann)).toEqual([])
})

test('nobody takes back the app password of another, nor ends his sessions', async () => {
  const added = await web.auth.admin.add('token', { user: address('bob@example.com') }, 'test')
  const id = added.kind === 'added' ? added.id : 0
  const bob = web.browser()
  await bob.signIn('bob@example.com')
  const account = (await web.auth.admin.user(address('bob@example.com')))?.account
  const [session] = account === undefined ? [] : await web.auth.sessions.list(account)
  expect((await browser.post(`/account/tokens/${id}/delete`)).status).toBe(404)
  expect((await browser.post(`/account/sessions/${session?.id}/end`)).status).toBe(404)
  expect((await bob.get('/account')).status).toBe(200)
  expect(await web.auth.admin.tokens()).toHaveLength(1)
})

test('a lost device is signed out from another', async () => {
  const lost = web.browser({ ip: '198.51.100.7' })
  await lost.signIn()
  const page = await textOf(browser.get('/account/sessions'))
  expect(page).toContain('from 198.51.100.7')
  const path = /action="(\/account\/sessions\/[0-9a-f]{64}\/end)"/.exec(page)?.[1] ?? ''
  expect((await browser.post(path)).status).toBe(303)
  expect((await lost.get('/account')).status).toBe(303)
  expect((await browser.get('/account')).status).toBe(200)
  await browser.post('/account/sessions/end')
  expect((await browser.get('/account')).status).toBe(303)
})

test('a device is called as its owner calls it', async () => {
  const agent =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Mobile Safari/604'
  await web.browser().post('/sso/login', { email: ann, pw: 'correct horse' }, { 'User-Agent': agent })
  expect(await textOf(browser.get('/account/sessions'))).toContain('>Safari, iPhone</strong>')
})

test('a page is small, and needs nothing else', async () => {
  for (const path of [
    '',
    '/mail',
    '/forward',
    '/reply',
    '/spam',
    '/filters',
    '/aliases',
    '/tokens',
    '/sessions',
    '/password',
  ]) {
    const text = await textOf(browser.get(`/account${path}`))
    expect(text.length).toBeLessThan(30_000)
    expect(text).not.toMatch(/<script|src=|url\(|href="https?:/)
    expect(text).toContain(`href="/account${path}" aria-current="page"`)
  }
})

test('there is an end to app passwords', async () => {
  const add = { on: 'token', do: 'add', row: { user: ann } } as const
  await web.auth.admin.apply(Array(100).fill(add), { actor: 'test' })
  const answer = await browser.post('/account/tokens')
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('You have 100 app passwords')
})

test('a text that begins with an empty line is shown with it', async () => {
  await browser.post('/account/reply', { body: '\nfirst' })
  expect(await textOf(browser.get('/account/reply'))).toContain('>\n\nfirst</textarea>')
})

test('a long answer for those who write is kept whole', async () => {
  const body = '会'.repeat(65_536)
  expect((await browser.post('/account/reply', { enabled: 'yes', body })).status).toBe(303)
  expect(await web.auth.admin.user(ann)).toMatchObject({ replyBody: body })
})

test('more than a form can hold is refused', async () => {
  const answer = await browser.post('/account/reply', { enabled: 'yes', body: 'x'.repeat(2_000_000) })
  expect(answer.status).toBe(413)
})

test('hours are those of the reader, with the name of their zone', async () => {
  expect(await textOf(browser.get('/account/sessions'))).toMatch(/signed in [^<]* UTC</)
  await browser.post('/account/settings', { timeZone: 'Asia/Tokyo' })
  expect(await textOf(browser.get('/account/sessions'))).toMatch(/signed in [^<]* GMT\+9</)
})

test('another zone than there is is refused', async () => {
  expect((await browser.post('/account/settings', { timeZone: hostile })).status).toBe(422)
})
