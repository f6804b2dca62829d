import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({
    env: {
      TLS_FLAVOR: 'notls',
      SITENAME: 'Chess club',
      WEBSITE: 'https://chess.example/',
      LOGO_URL: 'https://pictures.example/knight.svg',
      LOGO_BACKGROUND: 'navy',
      BABEL_DEFAULT_LOCALE: 'pt_BR',
      BABEL_DEFAULT_TIMEZONE: 'Asia/Tokyo',
      TZ: 'Europe/Berlin',
      WEBROOT_REDIRECT: '/account',
      SESSION_COOKIE_SECURE: 'true',
    },
  })
  await server.homepost(['domain', 'add', 'example.test', '--if-missing'])
  await server.addUsers('ann')
}, 60_000)
afterAll(() => server.stop())

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${server.ports.http}${path}`, { redirect: 'manual', ...init })

test('the pages of a server are as Mailu’s settings say', async () => {
  const first = await ask('/')
  expect([first.status, first.headers.get('location')]).toEqual([303, '/account'])
  const page = await ask('/sso/login')
  expect(page.headers.get('content-security-policy')).toContain('img-src data: https://pictures.example;')
  const text = await page.text()
  expect(text).toContain('<html lang="pt"')
  expect(text).toContain(
    '<a class="site" href="https://chess.example/"><img class="logo" src="https://pictures.example/knight.svg" alt="">Chess club</a>',
  )
})

test('a proxy with TLS in front keeps sign-ins for HTTPS alone, and times are those of the zone', async () => {
  const body = new URLSearchParams({ email: 'ann@example.test', pw: 'pw', url: '/account/sessions' })
  const entered = await ask('/sso/login', {
    method: 'POST',
    body,
    headers: {
      Origin: 'https://mail.example.test',
      Host: 'mail.example.test',
      'Sec-Fetch-Site': 'same-origin',
    },
  })
  const cookies = entered.headers.getSetCookie()
  expect(cookies.join('\n')).toContain('__Host-session=')
  for (const cookie of cookies) expect(cookie).toContain('; Secure')
  const Cookie = cookies.map((line) => line.split(';')[0]).join('; ')
  const sessions = await (
    await ask('/account/sessions', { headers: { Cookie, 'Accept-Language': 'en' } })
  ).text()
  expect(sessions).toMatch(/[AP]M GMT\+9/)
})
