import * as openid from 'openid-client'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type Application,
  addApplication,
  allowed,
  begin,
  callback,
  decide,
  issuer,
  onwardOf,
  redeem,
  tokensOf,
} from '../../../test/support/oauth.ts'
import { type Browser, hostile, startWeb, stranger, type TestWeb, textOf } from '../../../test/support/web.ts'

let web: TestWeb
let ann: Browser
let application: Application
let other: Application
beforeAll(async () => {
  web = await startWeb()
  ann = await web.signedIn('ann@example.com')
  application = await addApplication(web)
  other = await addApplication(web, { name: 'Other', isConfidential: false })
})
afterAll(() => web.end())
beforeEach(() => web.auth.clock.advance(61_000))

/** As a program without a browser sends it. */
async function ask(
  path: string,
  fields: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
) {
  const init = { method: 'POST', body: new URLSearchParams(fields), headers }
  const answer = await web.web.fetch(new Request(new URL(path, issuer), init), stranger)
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
}
const basic = (id: string, secret: string) => ({
  Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})
const own = () => ({ client_id: application.id, client_secret: application.secret ?? '' })
const codeIn = (url: URL) => url.searchParams.get('code') ?? ''

async function code(scope = 'openid offline_access') {
  const flow = await begin(application, { scope })
  return { flow, answer: await allowed(ann, flow) }
}
const forCode = (fields: Record<string, string>) =>
  ask('/oauth/token', { grant_type: 'authorization_code', redirect_uri: callback, ...own(), ...fields })
const isActive = async (token: string) => (await openid.tokenIntrospection(application.config, token)).active

test.each([
  ['no application', { client_id: '' }],
  ['an application that is not registered', { client_id: 'nobody' }],
  ['somebody in its place', { client_id: hostile }],
  ['no address', { redirect_uri: '' }],
  ['another site', { redirect_uri: 'https://evil.test/callback' }],
  ['a site whose name begins so', { redirect_uri: 'https://app.example.test.evil.test/callback' }],
  ['a name before the site', { redirect_uri: 'https://app.example.test@evil.test/callback' }],
  ['another path', { redirect_uri: `${callback}/../evil` }],
  ['more behind the path', { redirect_uri: `${callback}?next=https://evil.test` }],
  ['another port', { redirect_uri: 'https://app.example.test:444/callback' }],
  ['no encryption', { redirect_uri: 'http://app.example.test/callback' }],
  ['a script', { redirect_uri: 'javascript:alert(1)' }],
  ['a fragment', { redirect_uri: `${callback}#x` }],
])('nobody is sent to %s, whatever is wrong besides', async (_, wrong) => {
  const { path } = await begin(application)
  const url = new URL(path, issuer)
  for (const [name, value] of Object.entries(wrong)) url.searchParams.set(name, value)
  for (const response of ['code', 'token']) {
    url.searchParams.set('response_type', response)
    const answer = await ann.get(url.pathname + url.search)
    expect([answer.status, onwardOf(answer), answer.headers.get('location')]).toEqual([400, undefined, null])
    expect(await answer.text()).not.toMatch(/href="[^"]*(?:evil|alert)|<script/)
    const posted = await decide(ann, url.pathname + url.search)
    expect([posted.status, onwardOf(posted)]).toEqual([400, undefined])
  }
})

test('an address that stands there twice is none', async () => {
  const { path } = await begin(application)
  const answer = await ann.get(`${path}&redirect_uri=https%3A%2F%2Fevil.test`)
  expect([answer.status, onwardOf(answer)]).toEqual([400, undefined])
})

test.each([
  ['no challenge', { code_challenge: '' }, 'invalid_request'],
  ['a challenge that is the verifier itself', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['a challenge of no method', { code_challenge_method: '' }, 'invalid_request'],
  ['a short challenge', { code_challenge: 'abc' }, 'invalid_request'],
  ['tokens in the address', { response_type: 'token' }, 'unsupported_response_type'],
  ['an ID token in the address', { response_type: 'code id_token' }, 'unsupported_response_type'],
  ['an answer in the fragment', { response_mode: 'fragment' }, 'invalid_request'],
  ['a request in a JWT', { request: 'x.y.z' }, 'request_not_supported'],
  ['a request elsewhere', { request_uri: 'https://evil.test/' }, 'request_uri_not_supported'],
  ['what it may not have', { scope: 'smtp api' }, 'invalid_scope'],
  ['nothing', { scope: '' }, 'invalid_scope'],
  ['a page and no page', { prompt: 'none login' }, 'invalid_request'],
  ['a long nonce', { nonce: 'n'.repeat(1001) }, 'invalid_request'],
])('an application is told that %s is not to be had', async (_, wrong, error) => {
  const { path, state } = await begin(application)
  const url = new URL(path, issuer)
  for (const [name, value] of Object.entries(wrong)) url.searchParams.set(name, value)
  const answer = onwardOf(await ann.get(url.pathname + url.search))
  expect(answer?.href).toMatch(new RegExp(`^${callback}\\?`))
  expect(Object.fromEntries(answer?.searchParams ?? [])).toMatchObject({ error, state, iss: issuer })
})

test('a code is good once, and who shows it again ends what came of it', async () => {
  const { flow, answer } = await code()
  const tokens = await redeem(application, flow, answer)
  expect(await isActive(tokens.access_token)).toBe(true)
  expect((await forCode({ code: codeIn(answer), code_verifier: flow.verifier })).body.error).toBe(
    'invalid_grant',
  )
  expect(await isActive(tokens.access_token)).toBe(false)
  expect(await isActive(tokens.refresh_token ?? '')).toBe(false)
})

test('of ten that show a code at once, one gets tokens at most', async () => {
  const { flow, answer } = await code()
  const all = await Promise.all(
    Array.from({ length: 10 }, () => forCode({ code: codeIn(answer), code_verifier: flow.verifier })),
  )
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
})

test.each<[string, (good: { code: string; verifier: string }) => Record<string, string>]>([
  ['without a verifier', ({ code: it }) => ({ code: it })],
  ['with another verifier', ({ code: it }) => ({ code: it, code_verifier: 'v'.repeat(43) })],
  [
    'with another address',
    ({ code: it, verifier }) => ({
      code: it,
      code_verifier: verifier,
      redirect_uri: 'https://app.example.test/',
    }),
  ],
  [
    'by another application',
    ({ code: it, verifier }) => ({
      code: it,
      code_verifier: verifier,
      client_id: other.id,
      client_secret: '',
    }),
  ],
  [
    'as another token',
    ({ code: it, verifier }) => ({ code: it.replace('hpc', 'hpr'), code_verifier: verifier }),
  ],
  ['cut', ({ code: it, verifier }) => ({ code: it.slice(0, -1), code_verifier: verifier })],
  ['changed', ({ code: it, verifier }) => ({ code: `${it.slice(0, -2)}__`, code_verifier: verifier })],
])('a stolen code is worth nothing %s', async (_, stolen) => {
  const { flow, answer } = await code()
  const { status, body } = await forCode(stolen({ code: codeIn(answer), verifier: flow.verifier }))
  expect(status).toBe(400)
  expect(body).not.toHaveProperty('access_token')
})

test('a code is good for a minute', async () => {
  const { flow, answer } = await code()
  await web.auth.clock.advance(60_000)
  await expect(redeem(application, flow, answer)).rejects.toMatchObject({ error: 'invalid_grant' })
})

test('a refresh token that is shown twice is stolen: nobody has it any more', async () => {
  const { flow, answer } = await code()
  const first = await redeem(application, flow, answer)
  const second = await openid.refreshTokenGrant(application.config, first.refresh_token ?? '')
  expect(await isActive(second.access_token)).toBe(true)
  await expect(openid.refreshTokenGrant(application.config, first.refresh_token ?? '')).rejects.toMatchObject(
    {
      error: 'invalid_grant',
    },
  )
  expect(await isActive(second.access_token)).toBe(false)
  await expect(
    openid.refreshTokenGrant(application.config, second.refresh_token ?? ''),
  ).rejects.toMatchObject({
    error: 'invalid_grant',
  })
})

test('an application that may not go on by itself any more does so once', async () => {
  const { clients } = web.auth.oauth
  const before = ['openid', 'email', 'offline_access'] as const
  const wordy = await addApplication(web, { name: 'Wordy', scopes: before })
  const tokens = await tokensOf(wordy, ann, { scope: 'openid offline_access' })
  await clients.set(wordy.id, { scopes: ['openid', 'email'] }, 'test')
  const next = await openid.refreshTokenGrant(wordy.config, tokens.refresh_token ?? '')
  expect([next.refresh_token, next.scope]).toEqual([undefined, 'openid'])
  await expect(openid.refreshTokenGrant(wordy.config, tokens.refresh_token ?? '')).rejects.toThrow()
})

test('a token is for whom it was given, and for what', async () => {
  const tokens = await tokensOf(application, ann, { scope: 'openid offline_access' })
  const { access_token: access, refresh_token: refresh = '' } = tokens
  const refreshing = (token: string, more: Record<string, string> = {}) =>
    ask('/oauth/token', { grant_type: 'refresh_token', refresh_token: token, ...own(), ...more })
  expect((await refreshing(access)).body.error).toBe('invalid_grant')
  expect((await refreshing(refresh, { scope: 'openid mail' })).body.error).toBe('invalid_scope')
  const revoked = await ask('/oauth/revoke', { token: refresh, client_id: other.id })
  expect(revoked.body.error).toBe('invalid_grant')
  expect(await isActive(refresh)).toBe(true)
  const userinfo = await ann.get('/oauth/userinfo', { Authorization: `Bearer ${refresh}` })
  expect(userinfo.status).toBe(401)
  expect((await refreshing(refresh, { client_id: other.id, client_secret: '' })).body.error).toBe(
    'invalid_grant',
  )
  expect(await isActive(access)).toBe(false)
})

test.each<
  [string, () => [Record<string, string> | [string, string][], Record<string, string>?], number, string]
>([
  ['nobody', () => [{}], 400, 'invalid_request'],
  ['somebody unknown', () => [{ client_id: 'nobody' }], 401, 'invalid_client'],
  ['a confidential one without its secret', () => [{ client_id: application.id }], 401, 'invalid_client'],
  [
    'a wrong secret',
    () => [{ client_id: application.id, client_secret: 'hps_wrong' }],
    401,
    'invalid_client',
  ],
  ['a wrong secret in the header', () => [{}, basic(application.id, 'wrong')], 401, 'invalid_client'],
  ['a public one with a secret', () => [{ client_id: other.id, client_secret: 'x' }], 401, 'invalid_client'],
  [
    'two ways at once',
    () => [own(), basic(application.id, application.secret ?? '')],
    400,
    'invalid_request',
  ],
  [
    'two names',
    () => [{ client_id: other.id }, basic(application.id, application.secret ?? '')],
    400,
    'invalid_request',
  ],
  [
    'one thing twice',
    () => [
      [
        ['client_id', other.id],
        ['client_id', other.id],
      ],
    ],
    400,
    'invalid_request',
  ],
  ['a password', () => [{ ...own(), grant_type: 'password' }], 400, 'unsupported_grant_type'],
  [
    'its own name alone',
    () => [{ ...own(), grant_type: 'client_credentials' }],
    400,
    'unsupported_grant_type',
  ],
])('no token is given for %s', async (_, asked, status, error) => {
  const [fields, headers] = asked()
  const answer = await ask('/oauth/token', fields, headers)
  expect([answer.status, answer.body.error]).toEqual([status, error])
  expect(answer.headers.get('cache-control')).toBe('no-store')
})

test('only who has a secret looks at tokens', async () => {
  const answer = await ask('/oauth/introspect', { token: 'x', client_id: other.id })
  expect([answer.status, answer.body.error]).toEqual([403, 'unauthorized_client'])
})

test('a form of another site allows nothing, and no other site shows ours in a frame', async () => {
  const { path } = await begin(application, { more: { prompt: 'consent' } })
  const fields = { ...Object.fromEntries(new URL(path, issuer).searchParams), decision: 'allow' }
  const elsewhere = { Origin: 'https://evil.test', 'Sec-Fetch-Site': 'cross-site' }
  for (const [at, sent] of [
    ['/oauth/authorize', fields],
    ['/oauth/device', { user_code: 'BCDF-GHJK', decision: 'allow' }],
    ['/oauth/end_session', {}],
  ] as const)
    expect((await ann.post(at, sent, elsewhere)).status).toBe(403)
  const shown = await ann.get(path)
  expect(shown.headers.get('x-frame-options')).toBe('SAMEORIGIN')
  expect(shown.headers.get('content-security-policy')).toContain("frame-ancestors 'self'")
  expect((await ann.get('/account')).status).toBe(200)
})

test('an application does not decide in the place of whom it asks', async () => {
  const { path } = await begin(application, { more: { decision: 'allow', prompt: 'consent' } })
  const form = await textOf(ann.get(path))
  expect(form.match(/name="decision"[^>]*/g)).toEqual([
    'name="decision" value="allow"',
    'name="decision" value="deny" class="quiet"',
  ])
  const body = new URLSearchParams(new URL(path, issuer).searchParams)
  body.append('decision', 'deny')
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: issuer }
  const answer = await ann.ask('/oauth/authorize', { method: 'POST', body, headers })
  expect(onwardOf(answer)?.searchParams.get('error')).toBe('access_denied')
})

test('nobody allows anything who is not signed in', async () => {
  const { path } = await begin(application)
  const answer = await decide(web.browser(), path)
  expect([answer.status, onwardOf(answer)]).toEqual([303, undefined])
})

test('what an application says of itself is text', async () => {
  const { id } = await addApplication(web, { name: hostile.slice(0, 80), isConfidential: false })
  const { path } = await begin(application, { more: { state: hostile, nonce: hostile, prompt: 'consent' } })
  const url = new URL(path, issuer)
  url.searchParams.set('client_id', id)
  const shown = await textOf(ann.get(url.pathname + url.search))
  expect(shown).not.toContain('<script>')
  expect(await textOf(ann.get('/account/sessions'))).not.toContain('<script>')
  const answer = await decide(ann, url.pathname + url.search)
  expect(answer.headers.get('refresh')).not.toMatch(/[<>"\s]/)
})

test('codes of devices are not guessed', async () => {
  const device = await addApplication(web, { device: true, isConfidential: false })
  const begun = await openid.initiateDeviceAuthorization(device.config, { scope: 'mail' })
  const bob = await web.signedIn('bob@example.com')
  const statuses: number[] = []
  for (let at = 0; at < 8; at++) {
    const decided = at % 2 === 0 ? {} : { decision: 'allow' }
    statuses.push((await bob.post('/oauth/device', { user_code: 'BBBB-BBBB', ...decided })).status)
  }
  expect(statuses).toEqual([422, 422, 422, 422, 422, 429, 429, 429])
  const right = await bob.post('/oauth/device', { user_code: begun.user_code, decision: 'allow' })
  expect(right.status).toBe(429)
  const grant = 'urn:ietf:params:oauth:grant-type:device_code'
  const poll = (id: string) =>
    ask('/oauth/token', { grant_type: grant, device_code: begun.device_code, client_id: id })
  const elsewhere = await addApplication(web, { device: true, isConfidential: false, name: 'Elsewhere' })
  expect((await poll(elsewhere.id)).body.error).toBe('invalid_grant')
  expect((await poll(other.id)).body.error).toBe('unauthorized_client')
  expect((await poll(device.id)).body.error).toBe('authorization_pending')
})

test.each([
  ['/oauth/token', 121],
  ['/oauth/device_authorization', 121],
])('whoever asks at %s all the time waits', async (path, times) => {
  let last = await ask(path, { client_id: 'nobody' })
  for (let at = 1; at < times; at++) last = await ask(path, { client_id: 'nobody' })
  expect(last.status).toBe(429)
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
  const known = await ask('/oauth/introspect', { token: 'x', ...own() })
  expect(known.body).toEqual({ active: false })
})

test.each([
  'https://evil.test/',
  'https://app.example.test.evil.test/callback',
  '//evil.test',
  'javascript:alert(1)',
])('signing out leads to no %s', async (uri) => {
  const query = new URLSearchParams({ client_id: application.id, post_logout_redirect_uri: uri })
  const answer = await web.browser().get(`/oauth/end_session?${query.toString()}`)
  expect([answer.status, onwardOf(answer)]).toEqual([200, undefined])
  expect(await answer.text()).not.toMatch(/href="[^"]*evil/)
})

test.each(['a.b.c', '', 'eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.'])(
  '%j is no ID token of ours',
  async (hint) => {
    expect(await web.auth.oauth.keys.audienceOf(hint)).toBeUndefined()
  },
)

test('without encryption there is nothing of it', async () => {
  const plain = await startWeb({ httpsPort: undefined })
  const open = plain.browser({ secure: false })
  const asked = [
    '/.well-known/openid-configuration',
    '/oauth/authorize?client_id=x',
    '/oauth/jwks',
    '/oauth/device',
  ]
  for (const path of asked) expect([path, (await open.get(path)).status]).toEqual([path, 404])
  for (const path of ['/oauth/token', '/oauth/revoke', '/oauth/introspect'])
    expect([path, (await open.post(path, own())).status]).toEqual([path, 404])
  await plain.end()
})
