import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { address, addUsers, domainRow, newUser, startAuth, type TestAuth } from '../../test/support/auth.ts'
import { codeOf } from '../../test/support/code-of.ts'
import { client, flood, startProvider, type TestProvider, walk } from '../../test/support/oidc/provider.ts'
import { type Browser, hostile, startWeb, type TestWeb } from '../../test/support/web.ts'

const redirectUrl = 'https://mail.example.test/sso/oidc'
let provider: TestProvider
let auth: TestAuth
let web: TestWeb
const trusted = getCACertificates()

beforeAll(async () => {
  provider = await startProvider({ redirectUrl })
  setDefaultCACertificates([...trusted, provider.authorityPem])
})
afterAll(async () => {
  setDefaultCACertificates(trusted)
  await provider.stop()
})

interface Choice {
  readonly creates?: boolean
  readonly trustsEmail?: boolean
}

async function start({ creates = false, trustsEmail = false }: Choice = {}) {
  const settings = {
    infoUrl: provider.infoUrl,
    clientId: client.id,
    clientSecret: client.secret,
    redirectUrl,
  }
  auth = await startAuth({ settings: { external: { ...settings, creates, trustsEmail } } })
  await auth.admin.add('domain', domainRow('example.com'), 'test')
  await addUsers(auth.admin, [newUser('ann@example.com'), newUser('bob@example.com')])
  web = await startWeb({ providerName: 'Company' }, auth)
}
beforeEach(async () => {
  provider.instead.clear()
  is('ann-1', 'ann@example.com')
  await start()
})
afterEach(() => web.end())

async function startAgain(choice: Choice) {
  await web.end()
  await start(choice)
}

function is(sub: string, email: string | undefined, verified: unknown = true, more: object = {}) {
  provider.person.sub = sub
  provider.person.claims = { email, email_verified: verified, ...more }
}

const place = (answer: Response) => [answer.status, answer.headers.get('location')]
const nameOf = async (browser: Browser) =>
  /<span>([^<]+@[^<]+)<\/span>/.exec(await (await browser.get('/account')).text())?.[1]

/** As far as the provider's answer, which the browser would be sent to. */
async function answerFor(browser: Browser, query = '', cookies = new Map<string, string>()): Promise<string> {
  const begun = await browser.get(`/sso/oidc/begin${query}`)
  expect(begun.status).toBe(302)
  return walk(begun.headers.get('location') ?? '', provider.issuer, cookies)
}

async function arrive(browser: Browser, answer: string): Promise<Response> {
  const between = await browser.get(answer)
  expect(between.status).toBe(200)
  const next = /^0; url=(\/sso\/oidc\/enter\?.*)$/.exec(between.headers.get('refresh') ?? '')?.[1] ?? ''
  return browser.get(next)
}

async function signIn(browser: Browser, query = ''): Promise<Response> {
  return arrive(browser, await answerFor(browser, query))
}

test('the page offers it beside the password, and the way leads back to where one wanted to go', async () => {
  const browser = web.browser()
  const page = await (await browser.get('/sso/login?url=/account/spam')).text()
  expect(page).toContain('href="https://mail.example.test/sso/oidc/begin?url=%2Faccount%2Fspam"')
  expect(page).toContain('Sign in with Company')
  expect(place(await signIn(browser, '?url=/account/spam'))).toEqual([303, '/account/spam'])
  expect(await nameOf(browser)).toBe('ann@example.com')
  expect(await (await browser.get('/account/sessions')).text()).toContain('with Company')
})

test.each(['https://evil.test/', '//evil.test', '/\\evil.test', `/${'a'.repeat(2000)}`])(
  'nobody is led to %s',
  async (url) => {
    expect(place(await signIn(web.browser(), `?url=${encodeURIComponent(url)}`))).toEqual([303, '/account'])
  },
)

test('who was here once is known by what he is there, whatever his address is now', async () => {
  await signIn(web.browser())
  is('ann-1', 'bob@example.com')
  const browser = web.browser()
  await signIn(browser)
  expect(await nameOf(browser)).toBe('ann@example.com')
})

test('somebody else with the address of a linked account stays out until the link is removed', async () => {
  const before = web.browser()
  await signIn(before)
  is('mallory-1', 'ann@example.com')
  const answer = await signIn(web.browser())
  expect([answer.status, await answer.text()]).toEqual([
    403,
    expect.stringContaining('belongs to somebody else'),
  ])
  const ann = web.browser()
  await ann.signIn()
  const page = await (await ann.get('/account/password')).text()
  expect(page).toContain('ann-1')
  const remove = /action="(\/account\/links\/[^"]+)"/.exec(page)?.[1] ?? ''
  const bob = web.browser()
  await bob.signIn('bob@example.com')
  expect((await bob.post(remove)).status).toBe(404)
  expect(await nameOf(before)).toBe('ann@example.com')
  expect((await ann.post(remove)).status).toBe(303)
  expect(await nameOf(before)).toBeUndefined()
  expect(await (await ann.get('/account/password')).text()).not.toContain('ann-1')
  expect((await signIn(web.browser())).status).toBe(303)
})

test.each([
  ['nobody here', 'x-1', 'nobody@example.com', true],
  ['an address that is not verified', 'x-2', 'ann@example.com', false],
  ['an address that nothing is said of', 'x-3', 'ann@example.com', null],
  ['no address', 'x-4', undefined, true],
  ['what is no address', 'x-5', hostile, true],
])('stays out: %s', async (_, sub, email, verified) => {
  is(sub, email, verified)
  const browser = web.browser()
  const answer = await signIn(browser)
  expect([answer.status, browser.cookies.has('__Host-session')]).toEqual([403, false])
  expect(await answer.text()).not.toContain('<script>alert')
})

test('an address that is not verified counts where the admin says so', async () => {
  await startAgain({ trustsEmail: true })
  is('x-2', 'ann@example.com', null)
  expect((await signIn(web.browser())).status).toBe(303)
})

test('who is switched off stays out, linked or not', async () => {
  await signIn(web.browser())
  await auth.admin.set('user', address('ann@example.com'), { enabled: false }, 'test')
  expect((await signIn(web.browser())).status).toBe(403)
  await auth.admin.set('user', address('bob@example.com'), { enabled: false }, 'test')
  is('bob-1', 'bob@example.com')
  expect((await signIn(web.browser())).status).toBe(403)
  const bob = await auth.admin.user(address('bob@example.com'))
  expect(bob && (await auth.external.links(bob.account))).toEqual([])
})

test('an account is made where that is wanted, within the limits of a domain that is here', async () => {
  await startAgain({ creates: true })
  await auth.admin.set('domain', 'example.com' as never, { maxUsers: 3 }, 'test')
  is('cid-1', 'Cid@Example.com', true, { name: 'Cid\u0000 of Company' })
  const both = await Promise.all([signIn(web.browser()), signIn(web.browser())])
  expect(both.map(({ status }) => status)).toEqual([303, 303])
  expect(await auth.admin.user(address('cid@example.com'))).toMatchObject({
    globalAdmin: false,
    enabled: true,
  })
  is('dan-1', 'dan@example.com')
  const full = await signIn(web.browser())
  expect([full.status, await full.text()]).toEqual([403, expect.stringContaining('may have 3 users')])
  is('eve-1', 'eve@elsewhere.example')
  expect((await signIn(web.browser())).status).toBe(403)
})

test('an answer opens nothing in another browser, nothing twice, and nothing changed', async () => {
  const [ann, mallory] = [web.browser(), web.browser()]
  const answer = await answerFor(ann)
  expect((await arrive(mallory, answer)).status).toBe(401)
  await mallory.get('/sso/oidc/begin')
  expect((await arrive(mallory, answer)).status).toBe(401)
  const state = new URL(answer).searchParams.get('state') ?? ''
  expect((await arrive(ann, answer.replace(state, `${state}x`))).status).toBe(401)
  expect((await arrive(ann, await answerFor(ann))).status).toBe(303)
  const kept = new Map(ann.cookies)
  const again = web.browser()
  const second = await answerFor(again)
  for (const [name, value] of again.cookies) kept.set(name, value)
  expect((await arrive(again, second)).status).toBe(303)
  for (const [name, value] of kept) if (name === '__Host-begun-elsewhere') again.cookies.set(name, value)
  expect((await arrive(again, second)).status).toBe(401)
})

test('an answer of another provider is not taken', async () => {
  const browser = web.browser()
  const answer = new URL(await answerFor(browser))
  answer.searchParams.set('iss', 'https://evil.test')
  expect((await arrive(browser, answer.href)).status).toBe(502)
})

test('an answer that comes too late opens nothing', async () => {
  const browser = web.browser()
  const answer = await answerFor(browser)
  await auth.clock.advance(11 * 60_000)
  expect((await arrive(browser, answer)).status).toBe(401)
})

test('whom the provider declines is told so', async () => {
  const browser = web.browser()
  const answer = new URL(await answerFor(browser))
  answer.searchParams.delete('code')
  answer.searchParams.set('error', 'access_denied')
  answer.searchParams.set('error_description', hostile)
  const said = await arrive(browser, answer.href)
  expect([said.status, await said.text()]).toEqual([
    403,
    expect.stringContaining('Company did not sign you in'),
  ])
})

test('whoever makes codes up is soon told to wait', async () => {
  const statuses: number[] = []
  for (let n = 0; n < 21; n++) {
    const browser = web.browser()
    const answer = new URL(await answerFor(browser))
    answer.searchParams.set('code', `made-up-${n}`)
    statuses.push((await arrive(browser, answer.href)).status)
  }
  expect([statuses[0], statuses[20]]).toEqual([401, 429])
  expect((await web.browser().signIn()).status).toBe(303)
})

async function token(claims: object, by: { readonly kid: string; readonly privateKey: object }) {
  const now = Math.floor(Date.now() / 1000)
  const standard = { email: 'ann@example.com', email_verified: true, iat: now, exp: now + 300 }
  return new SignJWT({ ...standard, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: by.kid })
    .sign(by.privateKey as never)
}

test.each([
  ['another key', { nonce: 'right' }, 'other key'],
  ['another nonce', { nonce: 'wrong' }, ''],
  ['another issuer', { nonce: 'right', iss: 'https://evil.test' }, ''],
  ['another client', { nonce: 'right', aud: 'another' }, ''],
  ['a time that is over', { nonce: 'right', exp: 1_000_000 }, ''],
])('a token with %s opens nothing', async (_, { nonce, ...wrong }, key) => {
  const { generateKeyPairSync } = await import('node:crypto')
  const browser = web.browser()
  const begun = await browser.get('/sso/oidc/begin')
  const to = new URL(begun.headers.get('location') ?? '')
  const asked = nonce === 'right' ? to.searchParams.get('nonce') : 'of another sign-in'
  const { privateKey } = key === '' ? provider.key : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const standard = { iss: provider.issuer, aud: client.id, sub: 'ann-1', nonce: asked }
  const id_token = await token({ ...standard, ...wrong }, { kid: provider.key.kid, privateKey })
  const answerWith = (idToken: string) =>
    provider.instead.set('/token', (_request, response) => {
      response.setHeader('Content-Type', 'application/json')
      response.end(
        JSON.stringify({ access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: idToken }),
      )
    })
  answerWith(id_token)
  const answer = await walk(to.href, provider.issuer)
  expect((await arrive(browser, answer)).status).toBe(502)
  // The same way with a token that is right opens the account: it was the one fault that kept it shut.
  const fine = web.browser()
  const next = new URL((await fine.get('/sso/oidc/begin')).headers.get('location') ?? '')
  answerWith(await token({ ...standard, nonce: next.searchParams.get('nonce') }, provider.key))
  expect((await arrive(fine, await walk(next.href, provider.issuer))).status).toBe(303)
})

test.each([
  ['does not exist', (_: unknown, response: Ending) => response.destroy()],
  ['has no end', (_: unknown, response: Ending) => flood(response)],
  ['is none', (_: unknown, response: Ending) => response.end('<html>')],
  [
    'leads elsewhere',
    (_: unknown, response: Ending) => response.writeHead(302, { Location: 'https://evil.test/' }).end(),
  ],
  [
    'is of another issuer',
    (_: unknown, response: Ending) => response.end(JSON.stringify({ issuer: 'https://evil.test' })),
  ],
])(
  'where what the provider says of itself %s, the password opens the account all the same',
  async (_, answer) => {
    provider.instead.set('/.well-known/openid-configuration', answer)
    const browser = web.browser()
    const page = await browser.get('/sso/oidc/begin')
    expect([page.status, await page.text()]).toEqual([
      502,
      expect.stringContaining('does not work at the moment'),
    ])
    const before = provider.asked.get('/.well-known/openid-configuration')
    await browser.get('/sso/oidc/begin')
    expect(provider.asked.get('/.well-known/openid-configuration')).toBe(before)
    expect((await browser.signIn()).status).toBe(303)
    provider.instead.clear()
    await auth.clock.advance(20_000)
    expect((await signIn(web.browser())).status).toBe(303)
  },
)

type Ending = import('node:http').ServerResponse

test('what guards the account wants a fresh sign-in there', async () => {
  const ann = web.browser()
  await signIn(ann)
  expect(place(await ann.get('/account/factors/codes'))[1]).toMatch(/^\/sso\/login\?again/)
  const again = await (await ann.get('/sso/login?again&url=/account/factors')).text()
  expect(again).toContain('/sso/oidc/begin?again&amp;url=')
  expect((await signIn(ann, '?again&url=/account/factors')).status).toBe(303)
  expect((await ann.get('/account/factors/codes')).status).toBe(200)
})

test('who has a second step here is asked for it after the provider, too', async () => {
  const { account } = (await auth.admin.user(address('ann@example.com'))) ?? { account: 0 as never }
  const { secret } = await auth.factors.newSecret(address('ann@example.com'))
  const code = codeOf(secret, auth.clock.now())
  expect((await auth.factors.turnOnCodes(account, { secret, code })).kind).toBe('on')
  const ann = web.browser()
  expect(place(await signIn(ann, '?url=/account/spam'))).toEqual([303, '/sso/second?url=%2Faccount%2Fspam'])
  expect(place(await ann.get('/account'))[1]).toMatch(/^\/sso\/login/)
  await auth.clock.advance(60_000)
  const next = codeOf(secret, auth.clock.now())
  expect(place(await ann.post('/sso/second', { code: next, url: '/account/spam' }))).toEqual([
    303,
    '/account/spam',
  ])
  expect(await (await ann.get('/account/sessions')).text()).toContain('with Company')
})

test('who signs out here may sign out there, and is signed out here then wherever he came from there', async () => {
  const [browser, elsewhere, byPassword] = [web.browser(), web.browser(), web.browser()]
  const cookies = new Map<string, string>()
  await arrive(browser, await answerFor(browser, '', cookies))
  await signIn(elsewhere)
  await byPassword.signIn()
  expect(place(await browser.post('/sso/logout'))).toEqual([303, '/sso/login?out'])
  expect(await (await browser.get('/sso/login?out')).text()).toContain('href="/sso/oidc/out"')
  const out = (await browser.get('/sso/oidc/out')).headers.get('location') ?? ''
  expect(out).toMatch(new RegExp(`^${provider.issuer}/session/end\\?`))
  expect(new URL(out).searchParams.get('post_logout_redirect_uri')).toBe(
    'https://mail.example.test/sso/login',
  )
  const told = await stranger('/sso/oidc/backchannel', await logoutToken({}))
  expect([told.status, told.headers.get('cache-control')]).toEqual([200, 'no-store'])
  expect((await elsewhere.get('/account')).status).toBe(303)
  expect((await byPassword.get('/account')).status).toBe(200)
})

test('a stranger makes this server neither read without end nor ask for keys each time', async () => {
  const asked = () => provider.asked.get('/jwks') ?? 0
  await stranger('/sso/oidc/backchannel', await logoutToken({ jti: undefined }))
  const before = asked()
  for (let n = 0; n < 5; n++) await stranger('/sso/oidc/backchannel', await logoutToken({ aud: 'another' }))
  expect(asked()).toBe(before)
  expect((await stranger('/sso/oidc/backchannel', 'x'.repeat(20_000))).status).toBe(413)
})

test('an account that is deleted soon is not opened by its link', async () => {
  await signIn(web.browser())
  const row = { user: address('ann@example.com'), deleteAt: auth.clock.now() + 1_000_000 }
  expect((await auth.admin.add('departure', row, 'test')).kind).toBe('added')
  expect((await signIn(web.browser())).status).toBe(403)
})

test.each([
  ['what is no token', async () => 'hello'],
  ['a token for signing in', async () => logoutToken({ nonce: 'n' })],
  ['a token without the event', async () => logoutToken({ events: {} })],
  ['a token of another issuer', async () => logoutToken({ iss: 'https://evil.test' })],
  ['a token for another client', async () => logoutToken({ aud: 'another' })],
  ['a token of yesterday', async () => logoutToken({ iat: Math.floor(Date.now() / 1000) - 86_400 })],
])('nobody is signed out by %s', async (_, make) => {
  const browser = web.browser()
  await signIn(browser)
  expect((await stranger('/sso/oidc/backchannel', await make())).status).toBe(400)
  expect((await browser.get('/account')).status).toBe(200)
})

const event = 'http://schemas.openid.net/event/backchannel-logout'

const logoutToken = (more: object) =>
  token(
    {
      ...{ iss: provider.issuer, aud: client.id, sub: 'ann-1', jti: 'once', events: { [event]: {} } },
      ...more,
    },
    provider.key,
  )

/** As the provider itself sends it: without a browser. */
const stranger = (path: string, logout_token: string) =>
  web.web.fetch(
    new Request(new URL(path, redirectUrl), { method: 'POST', body: new URLSearchParams({ logout_token }) }),
    { connectionId: 'b-1', ip: '192.0.2.9', peer: '192.0.2.9', secure: true, loopback: false },
  )
