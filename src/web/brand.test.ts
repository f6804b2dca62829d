import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAuth, type TestAuth } from '../../test/support/auth.ts'
import { startWeb, type stranger, textOf } from '../../test/support/web.ts'
import type { WebSettings } from './settings.ts'

let auth: TestAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth.end())

const visitor = async (settings: Partial<WebSettings>, client: Partial<typeof stranger> = {}) =>
  (await startWeb(settings, auth)).browser(client)
const plain = { website: undefined, logoUrl: undefined, logoBackground: undefined }
const policyOf = (answer: Response) => answer.headers.get('content-security-policy') ?? ''

test('without settings pages look as ever: the name leads to the first page, and there is no picture', async () => {
  const answer = await (await visitor({})).get('/sso/login')
  expect(policyOf(answer)).toContain('img-src data:;')
  const text = await answer.text()
  expect(text).toContain('<a class="site" href="/">Tom &amp; Ann</a>')
  expect(text).not.toContain('<img')
})

test.each([
  ['https://cdn.example.org/logo.svg?a="><i>', 'https://cdn.example.org'],
  ['http://cdn.example.org:8000/logo.png', 'http://cdn.example.org:8000'],
  ['/wiki/logo.png', "'self'"],
])('the logo %s may come from %s, and nothing else from anywhere', async (logoUrl, source) => {
  const brand = { website: 'https://example.org/a?b&c', logoUrl, logoBackground: '#123' }
  const answer = await (await visitor({ brand })).get('/sso/login')
  expect(policyOf(answer)).toContain(`img-src data: ${source};`)
  expect(policyOf(answer).replace(/img-src [^;]*;/, '')).not.toMatch(/cdn\.example|https?:/)
  const text = await answer.text()
  expect(text).toContain('href="https://example.org/a?b&amp;c"><img class="logo" src="')
  expect(text).not.toContain('<i>')
  expect(text).toContain('.logo { background: #123;')
})

test('each style is the one that the policy names', async () => {
  for (const brand of [plain, { ...plain, logoUrl: '/x.png', logoBackground: 'navy' }]) {
    const answer = await (await visitor({ brand })).get('/')
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(await answer.clone().text()) ?? []
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))
    expect(policyOf(answer)).toContain(`style-src 'sha256-${Buffer.from(digest).toString('base64')}'`)
  }
})

test('the language of whoever asks for none of ours is that of the settings; whoever asks has his own', async () => {
  const german = await visitor({ language: 'de' })
  expect(await textOf(german.get('/'))).toContain('<html lang="de"')
  expect(await textOf(german.get('/', { 'Accept-Language': 'tlh' }))).toContain('<html lang="de"')
  expect(await textOf(german.get('/', { 'Accept-Language': 'fr' }))).toContain('<html lang="fr"')
  await german.post('/sso/language', { language: 'nl' })
  expect(await textOf(german.get('/', { 'Accept-Language': 'fr' }))).toContain('<html lang="nl"')
})

test('the first page may be another', async () => {
  const answer = await (await visitor({ firstPage: '/admin' })).get('/')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/admin'])
})

test.each([
  [undefined, true, true],
  [undefined, false, false],
  [true, false, true],
  [false, true, false],
])(
  'SESSION_COOKIE_SECURE %s, over HTTPS %s: the cookie is for HTTPS alone %s, and is found again',
  async (secureCookies, secure, isSecure) => {
    const web = await startWeb({ secureCookies, httpsPort: undefined })
    const browser = web.browser({ secure })
    const answer = await browser.signIn()
    for (const line of answer.headers.getSetCookie()) expect(/; Secure/.test(line)).toBe(isSecure)
    expect([...browser.cookies.keys()].includes('__Host-session')).toBe(isSecure)
    expect(await textOf(browser.get('/account'))).toContain('ann@example.com')
    await browser.post('/sso/logout')
    expect((await browser.get('/account')).status).toBe(303)
    await web.end()
  },
)
