import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { scopesAsked } from '../../lib/oauth-scopes.ts'
import type { OAuthServer, TokenFacts } from '../../ports/oauth.ts'
import type { Log } from '../../ports/runtime.ts'
import type { WebSettings } from '../settings.ts'
import type { Env } from '../site/visit.ts'
import { away, json, refused, tooMany, wrongToken } from './answers.ts'
import { type Asking, askingClient, networkOfClient } from './client.ts'
import { metadata } from './metadata.ts'
import { tokenAnswer } from './token.ts'

interface EndpointParts {
  readonly oauth: OAuthServer
  readonly log: Log
  readonly settings: Pick<WebSettings, 'issuer'>
}

const largestForm = 16 * 1024

/** What programs ask. Nothing here looks at a cookie, and nothing is a page. RFC 6749 §1.6: over TLS alone. */
export function oauthEndpoints({ oauth, log, settings }: EndpointParts): Hono<Env> {
  const routes = new Hono<Env>()
  const sized = bodyLimit({ maxSize: largestForm })

  const asked = (path: string, answer: (asking: Asking) => Promise<Response>) =>
    routes.post(path, sized, async (c, next) => {
      if (!c.env.client.secure) return next()
      const asking = await askingClient(c, oauth)
      return asking instanceof Response ? asking : answer(asking)
    })

  for (const name of ['openid-configuration', 'oauth-authorization-server'])
    routes.get(`/.well-known/${name}`, (c, next) =>
      c.env.client.secure
        ? Promise.resolve(json(metadata(settings), { 'Cache-Control': 'max-age=3600' }))
        : next(),
    )
  routes.get('/oauth/jwks', async (c, next) => {
    if (!c.env.client.secure) return next()
    // Whoever comes first makes keys be made.
    const wait = await oauth.requests.wait('token', networkOfClient(c.env.client.ip))
    if (wait > 0) return tooMany(wait)
    return json({ keys: await oauth.keys.published() }, { 'Cache-Control': 'max-age=900' })
  })

  asked('/oauth/token', (asking) => tokenAnswer(oauth, asking))
  asked('/oauth/device_authorization', (asking) => beginDevice(oauth, asking, settings))
  asked('/oauth/revoke', (asking) => revoke(oauth, asking))
  asked('/oauth/introspect', (asking) => introspect(oauth, asking, settings))
  routes.on(['GET', 'POST'], '/oauth/userinfo', (c, next) =>
    c.env.client.secure ? userinfo(c, oauth) : next(),
  )

  routes.onError((cause, c) => {
    if (cause instanceof HTTPException) return cause.getResponse()
    log.error('oauth.failed', cause, { connection: c.env.client.connectionId })
    return refused('server_error', `The log has why: ${c.env.client.connectionId}.`, 500)
  })
  return routes
}

/** RFC 8628 §3.1. */
async function beginDevice(
  oauth: OAuthServer,
  { client, form, ip }: Asking,
  { issuer }: Pick<WebSettings, 'issuer'>,
): Promise<Response> {
  if (!client.device) return refused('unauthorized_client')
  const wait = await oauth.requests.wait('device', networkOfClient(ip))
  if (wait > 0) return tooMany(wait)
  const scopes = scopesAsked(form['scope'] ?? '', client.scopes)
  if (scopes.length === 0) return refused('invalid_scope')
  const begun = await oauth.devices.begin(client.id, scopes)
  if (begun.kind === 'later') return away(begun)
  const page = `${issuer}/oauth/device`
  return json({
    device_code: begun.deviceCode,
    user_code: begun.userCode,
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${begun.userCode}`,
    expires_in: begun.expiresInSeconds,
    interval: begun.intervalSeconds,
  })
}

/** RFC 7009 §2.2: what is no token is revoked already. */
async function revoke({ grants }: OAuthServer, { client, form }: Asking): Promise<Response> {
  const { token } = form
  if (token === undefined) return refused('invalid_request', 'Say which token.')
  const revoked = await grants.revoke(client.id, token)
  if (revoked.kind === 'later') return away(revoked)
  return revoked.kind === 'foreign' ? refused('invalid_grant') : new Response(null, { status: 200 })
}

/** RFC 7662. A public client has nothing by which it were known that it may ask. */
async function introspect(
  { grants }: OAuthServer,
  { client, form }: Asking,
  { issuer }: Pick<WebSettings, 'issuer'>,
): Promise<Response> {
  if (!client.isConfidential) return refused('unauthorized_client', undefined, 403)
  const { token } = form
  if (token === undefined) return refused('invalid_request', 'Say which token.')
  const facts = await grants.inspect(token)
  if (!facts) return json({ active: false })
  return json({
    active: true,
    iss: issuer,
    client_id: facts.client,
    scope: facts.scopes.join(' '),
    sub: String(facts.account),
    username: facts.address,
    iat: Math.floor(facts.issuedAt / 1000),
    exp: Math.floor(facts.expiresAt / 1000),
    ...(facts.kind === 'access' && { token_type: 'Bearer' }),
  })
}

/** OpenID Connect Core §5.3. */
async function userinfo(c: Context<Env>, { grants }: OAuthServer): Promise<Response> {
  const [, token] = /^bearer +([\w.~+/=-]+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (token === undefined) return json({ error: 'invalid_request' }, { 'WWW-Authenticate': 'Bearer' }, 401)
  const facts = await grants.inspect(token)
  if (facts?.kind !== 'access') return wrongToken('invalid_token', 401)
  if (!facts.scopes.includes('openid')) return wrongToken('insufficient_scope', 403)
  return json({ sub: String(facts.account), ...about(facts) })
}

const about = ({ scopes, address, name }: TokenFacts) => ({
  ...(scopes.includes('email') && { email: address, email_verified: true }),
  ...(scopes.includes('profile') && { name, preferred_username: address }),
})
