import { afterEach, beforeEach, expect, test } from 'vitest'
import { codeOf } from '../../test/support/code-of.ts'
import { type Browser, startWeb, type TestWeb, textOf } from '../../test/support/web.ts'

let web: TestWeb
let browser: Browser

beforeEach(async () => {
  web = await startWeb()
  browser = web.browser()
})
afterEach(() => web.end())

const place = (answer: Response) => [answer.status, answer.headers.get('location')]
const now = () => web.auth.clock.now()
const unescaped = (text: string) => text.replaceAll('&amp;', '&')

/** As its owner does it, on the pages. */
async function turnOn() {
  await browser.signIn()
  const page = await textOf(browser.get('/account/factors/codes'))
  const [, secret = ''] = /name="secret" value="(\w+)"/.exec(page) ?? []
  const [, uri = ''] = /name="uri" value="([^"]+)"/.exec(page) ?? []
  const answer = await browser.post('/account/factors/codes', {
    secret,
    uri: unescaped(uri),
    code: codeOf(secret, now()),
  })
  const codes = [...(await answer.text()).matchAll(/<code>([\w-]{19})<\/code>/g)].map(([, code = '']) => code)
  return { page, secret, codes }
}

test('it says what becomes of mail programs before it is switched on', async () => {
  await browser.signIn()
  for (const path of ['/account/factors', '/account/factors/codes'])
    expect(await textOf(browser.get(path))).toContain('your password opens no mail program any more')
})

test('the QR code is a picture in the page, and the key stands beside it', async () => {
  const { page, secret, codes } = await turnOn()
  expect(page).toMatch(/<svg xmlns="[^"]+" viewBox/)
  expect(page).toContain(`<code>${secret.replaceAll(/.{4}(?=.)/g, '$& ')}</code>`)
  expect(codes).toHaveLength(10)
})

test('a wrong first code leaves it off, and the same key stays on the page', async () => {
  await browser.signIn()
  const page = await textOf(browser.get('/account/factors/codes'))
  const [, secret = ''] = /name="secret" value="(\w+)"/.exec(page) ?? []
  const [, uri = ''] = /name="uri" value="([^"]+)"/.exec(page) ?? []
  const again = await browser.post('/account/factors/codes', { secret, uri: unescaped(uri), code: '000000' })
  expect(again.status).toBe(422)
  expect(await again.text()).toContain(secret)
  const hostile = await browser.post('/account/factors/codes', {
    secret: '"><script>',
    uri: '<script>',
    code: '1',
  })
  expect(await hostile.text()).not.toContain('<script')
})

test('after the password the code is asked for, and leads where he wanted to', async () => {
  const { secret } = await turnOn()
  const other = web.browser()
  const half = await other.signIn('ann@example.com', 'correct horse', '/account/spam')
  expect(place(half)).toEqual([303, '/sso/second?url=%2Faccount%2Fspam'])
  expect(other.cookies.has('__Host-session')).toBe(false)
  expect((await other.get('/account')).status).toBe(303)
  expect(await textOf(other.get('/sso/second?url=/account/spam'))).toContain('one-time-code')
  const wrong = await other.post('/sso/second', { code: '000000', url: '/account/spam' })
  expect(wrong.status).toBe(401)
  expect(await wrong.text()).toContain('value="/account/spam"')
  await web.auth.clock.advance(30_000)
  const done = await other.post('/sso/second', { code: codeOf(secret, now()), url: '/account/spam' })
  expect(place(done)).toEqual([303, '/account/spam'])
  expect(other.cookies.has('__Host-half-signed-in')).toBe(false)
  expect((await other.get('/account')).status).toBe(200)
})

test.each(['https://evil.test/', '//evil.test/', '/\\evil.test', '/.//evil.test'])(
  'the second step leads nobody to %s',
  async (url) => {
    const { codes } = await turnOn()
    const other = web.browser()
    await other.signIn()
    expect(await textOf(other.get(`/sso/second?url=${encodeURIComponent(url)}`))).not.toContain('evil')
    expect(place(await other.post('/sso/second', { code: codes[0] ?? '', url }))).toEqual([303, '/account'])
  },
)

test('half a sign-in of one is none of another, and of nobody after ten minutes', async () => {
  const { secret, codes } = await turnOn()
  const other = web.browser()
  expect(place(await other.get('/sso/second'))).toEqual([303, '/sso/login?url=%2Faccount'])
  expect((await other.post('/sso/second', { code: codes[0] ?? '' })).status).toBe(401)
  await other.signIn()
  await web.auth.clock.advance(600_000)
  const late = await other.post('/sso/second', { code: codeOf(secret, now()) })
  expect([late.status, other.cookies.size]).toEqual([401, 0])
})

test('what guards the account is changed by whoever has just signed in', async () => {
  const { codes } = await turnOn()
  await web.auth.clock.advance(16 * 60_000)
  const again = '/sso/login?again&url=%2Faccount%2Ffactors'
  expect(place(await browser.get('/account/factors/codes'))).toEqual([303, again])
  for (const path of ['/account/factors/recovery', '/account/factors/x/remove', '/account/factors/codes'])
    expect(place(await browser.post(path))).toEqual([303, again])
  const before = browser.cookies.get('__Host-session')
  expect(await textOf(browser.get(again))).toContain('value="ann@example.com"')
  await browser.signIn('ann@example.com', 'correct horse', '/account/factors')
  expect(place(await browser.post('/sso/second', { code: codes[0] ?? '', url: '/account/factors' }))).toEqual(
    [303, '/account/factors'],
  )
  expect(browser.cookies.get('__Host-session')).not.toBe(before)
  const { account = 0 as never } =
    (await web.auth.admin.users()).find(({ address }) => address.startsWith('ann')) ?? {}
  expect(await web.auth.sessions.list(account)).toHaveLength(1)
  const page = await textOf(browser.get('/account/factors'))
  const [, id = ''] = /factors\/(\w{32})\/remove/.exec(page) ?? []
  expect(page).toContain('aria-label="Remove: Codes from an app"')
  expect(place(await browser.post(`/account/factors/${id}/remove`))).toEqual([
    303,
    '/account/factors?removed',
  ])
  expect((await web.browser().signIn()).headers.get('location')).toBe('/account')
})

test.each([
  '/account/factors/codes',
  '/account/factors/recovery',
  '/account/factors/x/remove',
  '/sso/second',
])('a form of another site does nothing at %s', async (path) => {
  await browser.signIn()
  const cross = { Origin: 'https://evil.test', 'Sec-Fetch-Site': 'cross-site' }
  const answer = await browser.post(path, { code: '1' }, cross)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([403, 'text/html; charset=UTF-8'])
  expect(await answer.text()).toContain('came from another site')
})

test('a password that is changed while guessing is slowed down says when to come again', async () => {
  await browser.signIn()
  const fields = { pw: 'another one', pw2: 'another one' }
  for (let guess = 0; guess < 50; guess++)
    await browser.post('/account/password', { ...fields, oldpw: `guess ${guess}` })
  const answer = await browser.post('/account/password', { ...fields, oldpw: 'one more' })
  expect(answer.status).toBe(429)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('the choice of a language leads back to the same page with all it was asked for', async () => {
  expect(await textOf(browser.get('/sso/login?url=/account/spam'))).toContain(
    'name="url" value="/sso/login?url=%2Faccount%2Fspam"',
  )
  const failed = await browser.signIn('ann@example.com', 'wrong', '/account/spam')
  expect(await failed.text()).toContain('name="url" value="/sso/login?url=%2Faccount%2Fspam"')
})
