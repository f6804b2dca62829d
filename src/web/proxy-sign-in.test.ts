import { afterEach, expect, test } from 'vitest'
import { address } from '../../test/support/auth.ts'
import { startWeb, type TestWeb } from '../../test/support/web.ts'
import { parseNetworks } from '../lib/networks.ts'

let web: TestWeb
afterEach(() => web.end())

const start = async (creates = false) => {
  const from = parseNetworks(['10.0.0.0/24']).networks
  const logoutUrl = 'https://login.example.org/logout'
  web = await startWeb({ proxySignIn: { from, header: 'X-Auth-Email', creates }, logoutUrl })
}
const proxy = { peer: '10.0.0.7' }
const place = (answer: Response) => [answer.status, answer.headers.get('location')]
const named = (name: string) => ({ 'X-Auth-Email': name })

test('whom the proxy names is signed in, and goes where he wanted to', async () => {
  await start()
  const browser = web.browser(proxy)
  expect(place(await browser.get('/sso/login?url=/account/spam', named('Ann@Example.com')))).toEqual([
    303,
    '/account/spam',
  ])
  expect(await (await browser.get('/account')).text()).toContain('ann@example.com')
  expect(place(await browser.post('/sso/logout'))).toEqual([303, 'https://login.example.org/logout'])
  expect((await browser.get('/account')).status).toBe(303)
})

test.each([
  ['somebody else who sends the header', {}, '/sso/login'],
  ['an address behind the proxy', { ip: '10.0.0.7' }, '/sso/login'],
  ['the proxy, of a page that says noproxyauth', proxy, '/sso/login?noproxyauth'],
])('%s is asked for the password', async (_, client, path) => {
  await start()
  const browser = web.browser(client)
  const answer = await browser.get(path, named('ann@example.com'))
  expect([answer.status, browser.cookies.size]).toEqual([200, 0])
})

test.each([
  'nobody@example.com',
  'no address',
  '<script>alert(1)</script>',
  'ann@example.com, bob@example.com',
])('the proxy gets nobody in who is not there: %s', async (name) => {
  await start()
  const browser = web.browser(proxy)
  const answer = await browser.get('/sso/login', named(name))
  expect([answer.status, browser.cookies.size]).toEqual([403, 0])
  expect(await answer.text()).not.toContain('<script>alert')
})

test('who is switched off stays out', async () => {
  await start()
  await web.auth.admin.set('user', address('ann@example.com'), { enabled: false }, 'test')
  expect((await web.browser(proxy).get('/sso/login', named('ann@example.com'))).status).toBe(403)
})

test('who is not there gets an account where that is wanted, within the limits of the domain', async () => {
  await start(true)
  await web.auth.admin.set('domain', 'example.com' as never, { maxUsers: 3 }, 'test')
  const both = await Promise.all(
    [1, 2].map(() => web.browser(proxy).get('/sso/login', named('cid@example.com'))),
  )
  expect(both.map(place)).toEqual([
    [303, '/account'],
    [303, '/account'],
  ])
  expect(await web.auth.admin.user(address('cid@example.com'))).toMatchObject({
    enabled: true,
    globalAdmin: false,
  })
  const full = await web.browser(proxy).get('/sso/login', named('dan@example.com'))
  expect([full.status, await full.text()]).toEqual([403, expect.stringContaining('may have 3 users')])
  expect((await web.browser(proxy).get('/sso/login', named('dan@elsewhere.example'))).status).toBe(403)
})

test.each(['https://evil.test/', '//evil.test/', '/\\evil.test'])('nobody is led to %s', async (url) => {
  await start()
  const answer = await web
    .browser(proxy)
    .get(`/sso/login?url=${encodeURIComponent(url)}`, named('ann@example.com'))
  expect(place(answer)).toEqual([303, '/account'])
})
