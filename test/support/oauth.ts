import * as openid from 'openid-client'
import type { OAuthClientSettings } from '../../src/ports/oauth.ts'
import { type Browser, stranger, type TestWeb } from './web.ts'

export const issuer = 'https://mail.example.test'
export const callback = 'https://app.example.test/callback'

export interface Application {
  readonly id: string
  readonly secret: string | undefined
  readonly config: openid.Configuration
}

/** Registers an application, and gives it a real client of OpenID Connect that asks this web. */
export async function addApplication(
  { auth, web }: TestWeb,
  {
    isConfidential = true,
    ...more
  }: Partial<OAuthClientSettings> & { readonly isConfidential?: boolean } = {},
): Promise<Application> {
  const standard = {
    name: 'Calendar',
    redirectUris: [callback],
    scopes: ['openid', 'profile', 'email', 'offline_access', 'mail'],
    device: false,
    signing: 'RS256',
  } as const
  const added = await auth.oauth.clients.add({ ...standard, ...more, isConfidential }, 'test')
  if (added.kind !== 'added') throw new Error(JSON.stringify(added))
  const { id, secret } = added
  const ask = async (url: string, init: RequestInit) => web.fetch(new Request(url, init), stranger)
  const config = await openid.discovery(
    new URL(issuer),
    id,
    // The tests' clock stands still, in another year.
    {
      ...(secret !== undefined && { client_secret: secret }),
      id_token_signed_response_alg: more.signing ?? standard.signing,
      [openid.clockSkew]: Math.round((auth.clock.now() - Date.now()) / 1000),
    },
    secret === undefined ? openid.None() : undefined,
    { [openid.customFetch]: ask as openid.CustomFetch },
  )
  return { id, secret, config }
}

interface Asked {
  readonly redirectUri?: string
  readonly scope?: string
  readonly more?: Readonly<Record<string, string>>
}

export interface Flow {
  readonly verifier: string
  readonly state: string
  /** For an ID token. */
  readonly nonce: string | undefined
  readonly path: string
}

/** Where the application sends a browser. */
export async function begin({ config }: Application, asked: Asked = {}): Promise<Flow> {
  const { redirectUri = callback, scope = 'openid profile email', more = {} } = asked
  const verifier = openid.randomPKCECodeVerifier()
  const state = openid.randomState()
  const nonce = scope.includes('openid') ? openid.randomNonce() : undefined
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state,
    ...(nonce !== undefined && { nonce }),
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  })
  return { verifier, state, nonce, path: url.pathname + url.search }
}

/** Where a page sends the browser on to. */
export const onwardOf = (answer: Response): URL | undefined => {
  const [, to] = /^0;url=(.*)$/.exec(answer.headers.get('refresh') ?? '') ?? []
  return to === undefined ? undefined : new URL(to, issuer)
}

/** Presses a button of the consent page that is shown there. */
export async function decide(browser: Browser, path: string, said = 'allow'): Promise<Response> {
  const fields = Object.fromEntries(new URL(path, issuer).searchParams)
  return browser.post('/oauth/authorize', { ...fields, decision: said })
}

/** The answer that an application gets at its address, of somebody who allows it. */
export async function allowed(browser: Browser, { path }: Flow): Promise<URL> {
  const answer = await browser.get(path)
  const to = onwardOf(answer) ?? onwardOf(await decide(browser, path))
  if (!to) throw new Error(`no answer: ${answer.status}`)
  return to
}

export const redeem = ({ config }: Application, flow: Flow, answer: URL) =>
  openid.authorizationCodeGrant(config, answer, {
    pkceCodeVerifier: flow.verifier,
    expectedState: flow.state,
    ...(flow.nonce !== undefined && { expectedNonce: flow.nonce }),
  })

/** All of it. */
export async function tokensOf(application: Application, browser: Browser, asked: Asked = {}) {
  const flow = await begin(application, asked)
  return redeem(application, flow, await allowed(browser, flow))
}
