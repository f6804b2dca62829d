import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { isOnTheWeb } from '../../lib/redirect-uri.ts'
import type { UserRow } from '../../ports/directory-rows.ts'
import type { OAuthServer } from '../../ports/oauth.ts'
import { page } from '../site/page.ts'
import { type Env, later } from '../site/visit.ts'
import { type AuthorizationRequest, readAuthorization } from './authorization-request.ts'
import { answer, decision, mistakePage, placeOf, scopeList } from './pages.ts'

export interface OAuthPageParts {
  readonly oauth: OAuthServer
  readonly issuer: string
}

/** RFC 6749 §3.1: where people let an application in. */
export function authorizeRoutes(parts: OAuthPageParts): Hono<Env> {
  const { oauth, issuer } = parts
  return new Hono<Env>()
    .get('/', async (c) => {
      const sent = new URL(c.req.url).searchParams
      const read = await readAuthorization(sent, oauth.clients)
      switch (read.kind) {
        case 'shown':
          return mistakePage(c, c.var.frame.t(read.text))
        case 'refused':
          return answer(c, read.to, { iss: issuer, error: read.error, error_description: read.text })
        case 'asked':
          return decide(c, parts, read.request)
      }
    })
    .post('/', async (c) => {
      const sent = new URLSearchParams(await c.req.text())
      const said = sent.getAll('decision')
      sent.delete('decision')
      const read = await readAuthorization(sent, oauth.clients)
      if (read.kind === 'shown') return mistakePage(c, c.var.frame.t(read.text))
      if (read.kind === 'refused')
        return answer(c, read.to, { iss: issuer, error: read.error, error_description: read.text })
      if (!c.get('user')) return signInFor(c, sent)
      return said.length === 1 && said[0] === 'allow'
        ? allow(c, parts, read.request)
        : answer(c, read.request, { iss: issuer, error: 'access_denied' })
    })
}

/** He signs in first, with all that he is asked for; he may be asked what he allows; or all of that is known. */
async function decide(c: Context<Env>, parts: OAuthPageParts, request: AuthorizationRequest) {
  const user = c.get('user')
  const { prompt } = request
  const mayAsk = !prompt.includes('none')
  const refused = (error: string) => answer(c, request, { iss: parts.issuer, error })
  const sent = new URL(c.req.url).searchParams
  if (!user) return mayAsk ? signInFor(c, sent) : refused('login_required')
  if (user.mustChangePassword)
    return mayAsk ? c.redirect('/sso/pw_change', 303) : refused('interaction_required')
  if (isToSignInAgain(c, request)) return mayAsk ? signInFor(c, sent, 'again&') : refused('login_required')
  if (await isAllowed(parts, user, request)) return allow(c, parts, request)
  return mayAsk ? c.html(consentPage(c, user, request)) : refused('consent_required')
}

function isToSignInAgain(c: Context<Env>, { prompt, maxAgeMs }: AuthorizationRequest): boolean {
  const age = c.get('sessionAgeMs') ?? 0
  return prompt.includes('login') || (maxAgeMs !== undefined && age > maxAgeMs)
}

/** He comes back without what has sent him there: he has done it then, and `auth_time` says so. */
function signInFor(c: Context<Env>, sent: URLSearchParams, how = '') {
  const after = new URLSearchParams(sent)
  const prompt = (sent.get('prompt') ?? '').split(' ').filter((each) => each !== 'login' && each !== '')
  after.delete('prompt')
  if (prompt.length > 0) after.set('prompt', prompt.join(' '))
  if (how !== '') after.delete('max_age')
  const url = `/oauth/authorize?${after.toString()}`
  return c.redirect(`/sso/login?${how}url=${encodeURIComponent(url)}`, 303)
}

/** RFC 8252 §8.6: on his own machine any program may call itself by this name, so that he is asked each time. */
async function isAllowed({ oauth }: OAuthPageParts, { account }: UserRow, request: AuthorizationRequest) {
  const { client, scopes, prompt, redirectUri } = request
  if (prompt.includes('consent') || !isOnTheWeb(redirectUri)) return false
  const allowed = await oauth.grants.allowed(account, client.id)
  return scopes.every((scope) => allowed.includes(scope))
}

async function allow(c: Context<Env>, { oauth, issuer }: OAuthPageParts, request: AuthorizationRequest) {
  const { client, scopes, redirectUri, challenge, nonce } = request
  const session = c.get('sessionId') ?? ''
  const allowed = await oauth.grants.allow({
    session,
    client: client.id,
    scopes,
    redirectUri,
    challenge,
    nonce,
  })
  switch (allowed.kind) {
    case 'allowed':
      return answer(c, request, { iss: issuer, code: allowed.code })
    case 'over':
      return c.redirect('/sso/login', 303)
    case 'later':
      return later(c)
  }
}

function consentPage(c: Context<Env>, user: UserRow, request: AuthorizationRequest) {
  const { frame } = c.var
  const { t } = frame
  const { client, scopes, redirectUri } = request
  const { name } = client
  // What he decides is his to say, and not the application's.
  const sent = [...new URL(c.req.url).searchParams].filter(([key]) => key !== 'decision')
  return page(
    frame,
    t('oauth.title', { name }),
    html`<form class="panel" method="post" action="/oauth/authorize">
        <p>${t('oauth.may', { name, address: user.address })}</p>
        ${scopeList(frame, scopes)}
        <p class="hint">${t('oauth.goes-to', { place: placeOf(frame, redirectUri) })}</p>
        ${sent.map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}">`)}
        ${decision(frame)}
      </form>`,
  )
}
