import { afterEach, beforeEach, expect, test } from 'vitest'
import { address } from '../../test/support/auth.ts'
import { type Browser, startWeb, type TestWeb, textOf } from '../../test/support/web.ts'

let web: TestWeb
let browser: Browser
const ann = address('ann@example.com')

beforeEach(async () => {
  web = await startWeb()
  browser = web.browser()
})
afterEach(() => web.end())

const place = (answer: Response) => [answer.status, answer.headers.get('location')]

test('who signs in goes where he wanted to, and is known there', async () => {
  expect(place(await browser.get('/account/reply'))).toEqual([303, '/sso/login?url=%2Faccount%2Freply'])
  expect(await textOf(browser.get('/sso/login?url=/account/reply'))).toContain('value="/account/reply"')
  expect(place(await browser.signIn('ann@example.com', 'correct horse', '/account/reply'))).toEqual([
    303,
    '/account/reply',
  ])
  expect(await textOf(browser.get('/account/reply'))).toContain('ann@example.com')
})

test('the cookie is for this name alone, over HTTPS alone, and no script reads it', async () => {
  const answer = await browser.signIn()
  const cookies = answer.headers.getSetCookie()
  expect(cookies.find((line) => line.startsWith('__Host-session='))).toMatch(
    /^__Host-session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  )
  expect(cookies.find((line) => line.startsWith('rate_limit='))).toMatch(
    /Path=\/sso\/login; HttpOnly; Secure/,
  )
  expect(answer.headers.get('cache-control')).toBe('no-store')
})

test('without HTTPS it works too', async () => {
  await web.end()
  web = await startWeb({ httpsPort: undefined })
  browser = web.browser({ secure: false })
  expect((await browser.signIn()).status).toBe(303)
  expect((await browser.get('/account')).status).toBe(200)
})

test.each([
  ['a wrong password', 'ann@example.com', 'wrong'],
  ['a name that nobody has', 'nobody@example.com', 'correct horse'],
  ['no name', '', ''],
  ['a script', '"><script>alert(1)</script>', 'x'],
])('%s is refused, and the page does not say why', async (_what, login, password) => {
  const answer = await browser.signIn(login, password)
  expect(answer.status).toBe(401)
  const text = await answer.text()
  expect(text).toContain('The address or the password is not right')
  expect(text).not.toContain('<script>alert')
  expect(browser.cookies.size).toBe(0)
})

test('an app password opens no page', async () => {
  const made = await web.auth.admin.add('token', { user: ann }, 'test')
  const secret = made.kind === 'added' ? (made.secret ?? '') : ''
  expect((await browser.signIn('ann@example.com', secret)).status).toBe(401)
})

test('guessing is slowed down, and a browser that is known is not', async () => {
  const known = web.browser()
  await known.signIn()
  for (let guess = 0; guess < 6; guess++)
    await web.browser({ ip: '198.51.100.1' }).signIn(`user${guess}@example.com`, 'guess')
  const refused = await web.browser({ ip: '198.51.100.1' }).signIn('bob@example.com')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.text()).toMatch(/Try again in \d+ minutes/)
})

test('what a browser brought along does not become a session', async () => {
  browser.cookies.set('__Host-session', 'a'.repeat(43))
  await browser.signIn()
  expect(browser.cookies.get('__Host-session')).not.toBe('a'.repeat(43))
})

test.each([
  'https://evil.test/',
  '//evil.test/',
  '/\\evil.test',
  '\\\\evil.test',
  'javascript:alert(1)',
  '/%0d%0aSet-Cookie:x',
  '/\r\nSet-Cookie: x=1',
  ' /x',
  '/é',
  '/.//evil.test',
  '/x/..//evil.test',
  '/%2e//evil.test',
  '/.\\\\evil.test',
])('nobody is sent elsewhere: %j', async (url) => {
  const [status, location] = place(await browser.signIn('ann@example.com', 'correct horse', url))
  expect(status).toBe(303)
  expect(location).toMatch(/^\/(account$|%0d%0a)/)
})

test.each([
  ['of another site', { Origin: 'https://evil.test', 'Sec-Fetch-Site': 'cross-site' }],
  ['of a neighbour', { Origin: 'https://other.example.test', 'Sec-Fetch-Site': 'same-site' }],
  ['that does not say where it is from', { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }],
])('a form %s is not taken', async (_what, headers) => {
  await browser.signIn()
  for (const path of [
    '/account/forward',
    '/account/tokens',
    '/account/password',
    '/sso/login',
    '/sso/logout',
  ])
    expect((await browser.post(path, { enabled: 'yes' }, headers)).status).toBe(403)
  expect((await browser.get('/account')).status).toBe(200)
})

test('signing out ends the session, not only the cookie', async () => {
  await browser.signIn()
  const kept = new Map(browser.cookies)
  expect(place(await browser.post('/sso/logout'))).toEqual([303, '/sso/login'])
  for (const [name, value] of kept) browser.cookies.set(name, value)
  expect((await browser.get('/account')).status).toBe(303)
})

test('a new password ends every other session', async () => {
  const other = web.browser()
  await other.signIn()
  await browser.signIn()
  const fields = { oldpw: 'correct horse', pw: 'battery staple', pw2: 'battery staple' }
  expect((await browser.post('/account/password', fields)).status).toBe(303)
  expect((await browser.get('/account')).status).toBe(200)
  expect((await other.get('/account')).status).toBe(303)
  expect((await other.signIn()).status).toBe(401)
  expect((await other.signIn('ann@example.com', 'battery staple')).status).toBe(303)
})

test.each([
  [{ oldpw: 'wrong', pw: 'battery staple', pw2: 'battery staple' }, 'The password until now is not right'],
  [{ oldpw: 'correct horse', pw: 'short', pw2: 'short' }, 'at least 8 characters'],
  [{ oldpw: 'correct horse', pw: 'battery staple', pw2: 'battery' }, 'differ'],
  [{ oldpw: 'correct horse', pw: 'correct horse', pw2: 'correct horse' }, 'the password you had'],
])('a password is not changed with %j', async (fields, why) => {
  await browser.signIn()
  const answer = await browser.post('/account/password', fields)
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain(why)
  expect((await web.browser().signIn()).status).toBe(303)
})

test('who has to change his password comes to no other page before', async () => {
  await web.auth.admin.set('user', ann, { mustChangePassword: true }, 'test')
  await browser.signIn()
  for (const path of ['/account', '/account/tokens', '/account/forward'])
    expect(place(await browser.get(path))).toEqual([303, '/sso/pw_change'])
  expect((await browser.post('/account/tokens', { comment: 'x' })).status).toBe(303)
  expect(await web.auth.admin.tokens(ann)).toEqual([])
  const fields = { oldpw: 'correct horse', pw: 'battery staple', pw2: 'battery staple' }
  expect(place(await browser.post('/sso/pw_change', fields))).toEqual([303, '/account'])
  expect((await browser.get('/account')).status).toBe(200)
})

test('pages speak the language of the browser, or the one that is chosen', async () => {
  const german = { 'Accept-Language': 'tlh;q=0.9, de-AT;q=0.8, en;q=0.1' }
  expect(await textOf(browser.get('/sso/login', german))).toContain('<html lang="de" dir="ltr">')
  await browser.post('/sso/language', { language: 'en', url: '/sso/login' })
  expect(await textOf(browser.get('/sso/login', german))).toContain('<html lang="en" dir="ltr">')
  await browser.post('/sso/language', { language: 'he', url: '/sso/login' })
  expect(await textOf(browser.get('/sso/login', german))).toContain('<html lang="he" dir="rtl">')
  await browser.post('/sso/language', { language: '../../etc', url: '/' })
  expect((await browser.get('/', german)).status).toBe(200)
})

test('nobody has a long name read before he has signed in', async () => {
  expect((await browser.signIn(`ann@${'会'.repeat(10_000)}.test`)).status).toBe(413)
})

test('a form in pieces, which no browser sends, is told so', async () => {
  const browser = web.browser()
  expect((await browser.post('/sso/login', {}, { 'Transfer-Encoding': 'chunked' })).status).toBe(411)
})

test('what is no form is refused', async () => {
  const headers = { Origin: 'https://mail.example.test', 'Content-Type': 'multipart/form-data' }
  const answer = await browser.ask('/sso/login', { method: 'POST', body: 'x', headers })
  expect(answer.status).toBe(400)
})

test('a link of another site, with which no cookie comes, signs nobody out', async () => {
  const answer = await browser.get('/sso/logout')
  expect(place(answer)).toEqual([303, '/sso/login'])
  expect(answer.headers.getSetCookie()).toEqual([])
})

test.each([
  ['https://mail.example.test', 'mail.example.test:443', 303],
  ['http://mail.example.test', 'mail.example.test', 403],
])('a browser that says only %j is taken at %j: %i', async (Origin, Host, status) => {
  const body = new URLSearchParams({ email: ann, pw: 'correct horse' })
  expect((await browser.ask('/sso/login', { method: 'POST', body, headers: { Origin, Host } })).status).toBe(
    status,
  )
})
