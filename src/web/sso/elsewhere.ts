import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import type { ExternalRefusal } from '../../ports/external-sign-in.ts'
import { page } from '../site/page.ts'
import { dropCookie, type Env, fieldsOf, keepCookie, later, ownCookie, ownPath } from '../site/visit.ts'
import { enter, type SignInParts, signInAt, startOver } from './enter.ts'
import { retryAfter } from './retry-after.ts'

const home = '/account'
const begun = { name: 'begun-elsewhere', seconds: 600 }
/** What a provider sends a browser back with is some hundred octets. */
const longestQuery = 6_000
/** Anybody may send one. */
const largestToken = 16 * 1024

/** Signing in at the provider of OIDC_PROVIDER_INFO_URL. */
export function elsewhereRoutes(parts: SignInParts): Hono<Env> {
  const { external, providerName, origin } = parts
  const routes = new Hono<Env>()
  if (providerName === undefined) return routes

  routes.get('/begin', async (c) => {
    const url = ownPath(c.req.query('url'), home)
    const outcome = await external.begin({ url, again: c.req.query('again') !== undefined })
    if (outcome.kind === 'failed') return refuse(c, parts, outcome, url)
    keepCookie(c, begun.name, outcome.kept, begun.seconds)
    return c.redirect(outcome.location, 302)
  })

  // The provider's page has sent the browser, so it brings no cookie that is for this site alone: it is sent on from here.
  routes.get('/', (c) => {
    const query = new URL(c.req.url).search.slice(1)
    if (query.length > longestQuery) return startOver(c, parts, home)
    const { frame } = c.var
    const next = `/sso/oidc/enter?${new URLSearchParams(query).toString()}`
    c.header('Refresh', `0; url=${next}`)
    const content = html`<p><a class="button" href="${next}">${frame.t('elsewhere.go-on')}</a></p>`
    return c.html(page({ ...frame, here: '/sso/login' }, frame.t('sign-in.title'), content))
  })

  routes.get('/enter', async (c) => {
    const kept = ownCookie(c, begun.name)
    if (kept === undefined) return startOver(c, parts, home)
    const { ip, connectionId: connection } = c.env.client
    const query = new URL(c.req.url).search.slice(1, longestQuery)
    const verdict = await external.finish({ kept, query, ip, connection })
    dropCookie(c, begun.name)
    return verdict.kind === 'accepted'
      ? enter(c, parts, verdict, ownPath(verdict.url, home))
      : refuse(c, parts, verdict, home)
  })

  routes.get('/out', async (c) =>
    c.redirect((await external.signOutUrl(`${origin}/sso/login`)) ?? '/sso/login', 303),
  )
  return routes
}

/** Providers send this themselves: no browser, no cookie. Back-Channel Logout 1.0 §2.5 */
export function signedOutElsewhere({ external }: Pick<SignInParts, 'external'>): Hono<Env> {
  return new Hono<Env>().post('/sso/oidc/backchannel', bodyLimit({ maxSize: largestToken }), async (c) => {
    c.header('Cache-Control', 'no-store')
    const field = await fieldsOf(c)
    const { kind } = await external.signedOut(field('logout_token'))
    if (kind === 'ended') return c.body(null, 200)
    return kind === 'later' ? c.body(null, 503) : c.json({ error: 'invalid_request' }, 400)
  })
}

async function refuse(c: Context<Env>, parts: SignInParts, verdict: ExternalRefusal, url: string) {
  const { t } = c.var.frame
  const { providerName: name = '' } = parts
  const told = async (mistake: string, status: 403 | 429 | 502) =>
    c.html(await signInAt(c, parts, { url, mistake }), status)
  switch (verdict.kind) {
    case 'over':
      return startOver(c, parts, url)
    case 'later':
      return later(c)
    case 'failed':
      return told(t('elsewhere.failed', { name }), 502)
    case 'declined':
      return told(t('elsewhere.declined', { name }), 403)
    case 'not-made':
      return told(verdict.text, 403)
    case 'other-person':
      return told(t('elsewhere.other-person', { name, login: verdict.login }), 403)
    case 'throttled':
      return told(t('sign-in.throttled', { count: retryAfter(c, verdict) }), 429)
    case 'refused':
      return verdict.login === undefined
        ? told(t('elsewhere.no-address', { name }), 403)
        : told(t('proxy.refused', { login: verdict.login }), 403)
  }
}
