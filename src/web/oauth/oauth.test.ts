import * as openid from 'openid-client'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { address } from '../../../test/support/auth.ts'
import { codeOf } from '../../../test/support/code-of.ts'
import {
  addApplication,
  allowed,
  begin,
  decide,
  issuer,
  onwardOf,
  redeem,
  tokensOf,
} from '../../../test/support/oauth.ts'
import { type Browser, startWeb, type TestWeb, textOf } from '../../../test/support/web.ts'
import { deviceGrant } from './metadata.ts'

let web: TestWeb
let ann: Browser
beforeAll(async () => {
  web = await startWeb()
  ann = await web.signedIn('ann@example.com')
})
afterAll(() => web.end())
// Nobody has asked in this minute.
beforeEach(() => web.auth.clock.advance(61_000))

const mailOf = (
  token: string,
  service: 'imap' | 'smtp' | 'dav' | 'web' = 'imap',
  login = 'ann@example.com',
) =>
  web.auth.credentials.verify({
    login,
    password: token,
    bearer: true,
    service,
    ip: '192.0.2.9',
    connection: 'c',
  })
const kindOf = async (...args: Parameters<typeof mailOf>) => (await mailOf(...args)).kind

test('an application signs somebody in, and learns who it is', async () => {
  const application = await addApplication(web)
  const flow = await begin(application)
  const shown = await textOf(ann.get(flow.path))
  expect(shown).toContain('Let Calendar in?')
  expect(shown).toContain('app.example.test')
  const answer = onwardOf(await decide(ann, flow.path))
  expect(answer?.searchParams.get('iss')).toBe(issuer)
  const tokens = await redeem(application, flow, answer ?? new URL('x:'))
  expect(tokens.claims()).toMatchObject({ email: 'ann@example.com', name: 'Ann', nonce: flow.nonce })
  const sub = tokens.claims()?.sub ?? ''
  expect(await openid.fetchUserInfo(application.config, tokens.access_token, sub)).toEqual({
    sub,
    email: 'ann@example.com',
    email_verified: true,
    name: 'Ann',
    preferred_username: 'ann@example.com',
  })
  expect(tokens.refresh_token).toBeUndefined()
})

test('both documents say the same, and where everything is', async () => {
  const documents = await Promise.all(
    ['openid-configuration', 'oauth-authorization-server'].map(async (name) =>
      (await ann.get(`/.well-known/${name}`)).json(),
    ),
  )
  expect(documents[0]).toEqual(documents[1])
  expect(documents[0]).toMatchObject({ issuer, code_challenge_methods_supported: ['S256'] })
})

test.each(['RS256', 'ES256'] as const)(
  'ID tokens are signed with %s, before and after new keys',
  async (signing) => {
    const application = await addApplication(web, { signing })
    openid.enableNonRepudiationChecks(application.config)
    const before = await tokensOf(application, ann)
    await web.auth.oauth.keys.rotate('test')
    const { keys }: { keys: object[] } = JSON.parse(await textOf(ann.get('/oauth/jwks')))
    expect(keys.length).toBeGreaterThan(2)
    for (const key of keys) expect(Object.keys(key)).not.toContain('d')
    expect(await web.auth.oauth.keys.audienceOf(before.id_token ?? '')).toBe(application.id)
  },
)

test('who allowed it is not asked again, but on his own machine', async () => {
  const loopback = 'http://127.0.0.1/'
  const application = await addApplication(web, {
    redirectUris: ['https://app.example.test/callback', loopback],
  })
  const first = await begin(application)
  await allowed(ann, first)
  expect(onwardOf(await ann.get((await begin(application)).path))?.searchParams.get('code')).toBeTruthy()
  const more = await begin(application, { scope: 'openid mail' })
  expect(onwardOf(await ann.get(more.path))).toBeUndefined()
  const again = await begin(application, { more: { prompt: 'consent' } })
  expect(onwardOf(await ann.get(again.path))).toBeUndefined()
  const here = await begin(application, { redirectUri: 'http://127.0.0.1:49152/' })
  expect(await textOf(ann.get(here.path))).toContain('a program on this device')
  const tokens = await redeem(application, here, await allowed(ann, here))
  expect(tokens.access_token).toMatch(/^hpo_/)
})

test('whoever denies it gives nothing', async () => {
  const { path, state } = await begin(await addApplication(web))
  const answer = onwardOf(await decide(ann, path, 'deny'))
  expect(Object.fromEntries(answer?.searchParams ?? [])).toEqual({
    error: 'access_denied',
    iss: issuer,
    state,
  })
})

test.each([
  ['nobody is signed in', 'none', false, 'login_required'],
  ['nothing was allowed yet', 'none', true, 'consent_required'],
])('an application that asks without a page is told that %s', async (_, prompt, isHere, error) => {
  const { path } = await begin(await addApplication(web), { more: { prompt } })
  const answer = onwardOf(await (isHere ? ann : web.browser()).get(path))
  expect(answer?.searchParams.get('error')).toBe(error)
})

test('who comes from elsewhere is asked to come from here, to sign in, and goes on', async () => {
  const application = await addApplication(web, { isConfidential: false })
  const flow = await begin(application)
  const browser = web.browser()
  const bounced = await browser.get(flow.path, { 'Sec-Fetch-Site': 'cross-site' })
  expect(onwardOf(bounced)?.href).toBe(`${issuer}${flow.path}`)
  const sent = (await browser.get(flow.path)).headers.get('location') ?? ''
  expect(sent).toMatch(/^\/sso\/login\?url=/)
  const url = new URL(sent, issuer).searchParams.get('url') ?? ''
  const entered = await browser.signIn('ann@example.com', 'correct horse', url)
  expect(entered.headers.get('location')).toBe(flow.path)
  expect((await redeem(application, flow, await allowed(browser, flow))).claims()?.['name']).toBe('Ann')
})

test('who is to sign in again does so once', async () => {
  const application = await addApplication(web)
  const { path } = await begin(application, { more: { prompt: 'login', max_age: '0' } })
  const sent = (await ann.get(path)).headers.get('location') ?? ''
  expect(sent).toMatch(/^\/sso\/login\?again&url=/)
  const url = new URL(sent, issuer).searchParams.get('url') ?? ''
  expect((await ann.get(url)).status).toBe(200)
})

test('a second factor is asked for before anything is allowed', async () => {
  const { auth } = web
  const account = (await auth.admin.user(address('bob@example.com')))?.account
  if (account === undefined) throw new Error('no bob')
  const { secret } = await auth.factors.newSecret(address('bob@example.com'))
  await auth.factors.turnOnCodes(account, { secret, code: codeOf(secret, auth.clock.now()) })
  const { path } = await begin(await addApplication(web))
  const browser = web.browser()
  const half = await browser.signIn('bob@example.com', 'correct horse', path)
  expect(half.headers.get('location')).toMatch(/^\/sso\/second/)
  expect((await browser.get(path)).headers.get('location')).toMatch(/^\/sso\/login/)
  await auth.factors.removeAll(account, 'test')
})

test('a token opens what was allowed, and nothing else', async () => {
  const application = await addApplication(web, { scopes: ['openid', 'mail', 'imap'] })
  const { access_token: mail } = await tokensOf(application, ann, { scope: 'mail' })
  expect(await mailOf(mail)).toMatchObject({ kind: 'accepted', address: 'ann@example.com', with: 'token' })
  expect(await mailOf(mail, 'smtp', '')).toMatchObject({ kind: 'accepted', address: 'ann@example.com' })
  expect(await mailOf(mail, 'imap', 'bob@example.com')).toMatchObject({ kind: 'refused', issuer })
  expect(await kindOf(mail, 'dav')).toBe('refused')
  expect(await kindOf(mail, 'web')).toBe('refused')
  const { access_token: imap } = await tokensOf(application, ann, { scope: 'imap' })
  expect(await kindOf(imap)).toBe('accepted')
  expect(await kindOf(imap, 'smtp')).toBe('refused')
  const { access_token: none } = await tokensOf(application, ann, { scope: 'openid' })
  expect(await kindOf(none)).toBe('refused')
  const asPassword = {
    login: 'ann@example.com',
    password: mail,
    service: 'imap',
    ip: '192.0.2.9',
    connection: 'c',
  } as const
  expect((await web.auth.credentials.verify(asPassword)).kind).toBe('refused')
})

test('a program goes on for as long as it comes back, each time with new tokens', async () => {
  const application = await addApplication(web, { isConfidential: false })
  let tokens = await tokensOf(application, ann, { scope: 'mail offline_access' })
  for (let day = 0; day < 3; day++) {
    await web.auth.clock.advance(24 * 3_600_000)
    expect(await kindOf(tokens.access_token)).toBe('refused')
    tokens = await openid.refreshTokenGrant(application.config, tokens.refresh_token ?? '')
    expect(await kindOf(tokens.access_token)).toBe('accepted')
  }
  const fewer = await openid.refreshTokenGrant(application.config, tokens.refresh_token ?? '', {
    scope: 'mail',
  })
  expect(fewer.scope).toBe('mail')
  ann = await web.signedIn('ann@example.com')
})

test('a device without a keyboard shows a code, and gets in when somebody has typed it', async () => {
  const application = await addApplication(web, { device: true, isConfidential: false, redirectUris: [] })
  const begun = await openid.initiateDeviceAuthorization(application.config, { scope: 'mail offline_access' })
  expect(begun.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
  const poll = () =>
    openid.genericGrantRequest(application.config, deviceGrant, { device_code: begun.device_code })
  await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' })
  await expect(poll()).rejects.toMatchObject({ error: 'slow_down' })
  const shown = await textOf(ann.get(`/oauth/device?user_code=${begun.user_code}`))
  expect(shown).toContain(begun.user_code)
  const typed = begun.user_code.toLowerCase().replace('-', ' ')
  expect(await textOf(ann.post('/oauth/device', { user_code: typed }))).toContain('Let Calendar in?')
  await ann.post('/oauth/device', { user_code: typed, decision: 'allow' })
  const tokens = await poll()
  expect(await kindOf(tokens.access_token)).toBe('accepted')
  await expect(poll()).rejects.toMatchObject({ error: 'invalid_grant' })
  expect((await openid.refreshTokenGrant(application.config, tokens.refresh_token ?? '')).scope).toContain(
    'mail',
  )
})

test.each([
  ['whoever denies it', 'access_denied'],
  ['a code that nobody typed in ten minutes', 'expired_token'],
])('a device gets nothing from %s', async (_, error) => {
  const application = await addApplication(web, { device: true })
  const begun = await openid.initiateDeviceAuthorization(application.config, { scope: 'mail' })
  if (error === 'access_denied')
    await ann.post('/oauth/device', { user_code: begun.user_code, decision: 'deny' })
  else await web.auth.clock.advance(10 * 60_000)
  const poll = openid.genericGrantRequest(application.config, deviceGrant, { device_code: begun.device_code })
  await expect(poll).rejects.toMatchObject({ error })
})

test('a token is looked at and taken back', async () => {
  const application = await addApplication(web)
  const { config, id } = application
  const tokens = await tokensOf(application, ann, { scope: 'openid mail offline_access' })
  const { access_token: access, refresh_token: refresh = '' } = tokens
  expect(await openid.tokenIntrospection(config, access)).toMatchObject({
    active: true,
    client_id: id,
    scope: 'openid mail offline_access',
    username: 'ann@example.com',
    token_type: 'Bearer',
  })
  await openid.tokenRevocation(config, access)
  expect(await openid.tokenIntrospection(config, access)).toEqual({ active: false })
  expect(await openid.tokenIntrospection(config, refresh)).toMatchObject({ active: true })
  await openid.tokenRevocation(config, refresh)
  expect(await openid.tokenIntrospection(config, refresh)).toEqual({ active: false })
  await openid.tokenRevocation(config, 'nonsense')
})

test('what somebody has let in stands among his devices, and is out at once when he takes it back', async () => {
  const application = await addApplication(web, { name: 'Telephone' })
  const tokens = await tokensOf(application, ann, { scope: 'mail offline_access' })
  expect(await textOf(ann.get('/account/sessions'))).toContain('Telephone')
  const bob = await web.signedIn('bob@example.com')
  expect((await bob.post(`/account/applications/${application.id}/end`)).status).toBe(404)
  expect(await kindOf(tokens.access_token)).toBe('accepted')
  expect((await ann.post(`/account/applications/${application.id}/end`)).status).toBe(303)
  expect(await kindOf(tokens.access_token)).toBe('refused')
  await expect(
    openid.refreshTokenGrant(application.config, tokens.refresh_token ?? ''),
  ).rejects.toMatchObject({
    error: 'invalid_grant',
  })
  expect(await textOf(ann.get('/account/sessions'))).not.toContain('Telephone')
  const audit = await web.auth.admin.audit(undefined, { what: 'Telephone of ann@example.com' })
  expect(audit.map(({ did, actor }) => [did, actor])).toEqual([
    ['deleted', 'ann@example.com'],
    ['created', 'ann@example.com'],
  ])
})

test.each<[string, (web: TestWeb) => Promise<unknown>]>([
  [
    'a new password',
    ({ auth }) => auth.admin.set('user', address('bob@example.com'), { password: 'correct horse 2' }, 'test'),
  ],
  [
    'being switched off',
    ({ auth }) => auth.admin.set('user', address('bob@example.com'), { enabled: false }, 'test'),
  ],
])('%s ends every token at once', async (_, change) => {
  const { auth } = web
  await auth.admin.set(
    'user',
    address('bob@example.com'),
    { enabled: true, password: 'correct horse' },
    'test',
  )
  const application = await addApplication(web)
  const bob = await web.signedIn('bob@example.com')
  const tokens = await tokensOf(application, bob, { scope: 'mail offline_access' })
  expect(await kindOf(tokens.access_token, 'imap', 'bob@example.com')).toBe('accepted')
  await change(web)
  expect(await kindOf(tokens.access_token, 'imap', 'bob@example.com')).toBe('refused')
  await auth.admin.set('user', address('bob@example.com'), { enabled: true }, 'test')
  expect(await kindOf(tokens.access_token, 'imap', 'bob@example.com')).toBe('refused')
  await expect(
    openid.refreshTokenGrant(application.config, tokens.refresh_token ?? ''),
  ).rejects.toMatchObject({
    error: 'invalid_grant',
  })
})

test('what is not to go on without him ends when he signs out', async () => {
  const application = await addApplication(web)
  const browser = await web.signedIn('ann@example.com')
  const bound = await tokensOf(application, browser, { scope: 'mail' })
  const lasting = await tokensOf(application, browser, { scope: 'mail offline_access' })
  await browser.post('/sso/logout')
  expect(await kindOf(bound.access_token)).toBe('refused')
  expect(await kindOf(lasting.access_token)).toBe('accepted')
})

test('an application signs somebody out here as well, where he wants that', async () => {
  const application = await addApplication(web)
  const browser = await web.signedIn('ann@example.com')
  const tokens = await tokensOf(application, browser)
  const { pathname, search, searchParams } = openid.buildEndSessionUrl(application.config, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: 'https://app.example.test/callback',
    state: 'x y',
  })
  expect(await textOf(browser.get(pathname + search))).toContain('sign out here as well')
  expect((await browser.get('/account')).status).toBe(200)
  const done = await browser.post(pathname, Object.fromEntries(searchParams))
  expect(onwardOf(done)?.href).toBe('https://app.example.test/callback?state=x+y')
  expect((await browser.get('/account')).status).toBe(303)
})
