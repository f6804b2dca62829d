import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { answerAt, isRegisteredRedirect } from '../../lib/redirect-uri.ts'
import type { WebSessions } from '../../ports/web-sessions.ts'
import { told } from '../site/form.ts'
import { page } from '../site/page.ts'
import { dropSession, type Env, later } from '../site/visit.ts'
import type { AnswerTo } from './authorization-request.ts'
import type { OAuthPageParts } from './authorize.ts'
import { onward } from './pages.ts'

/** OpenID Connect RP-Initiated Logout. Nobody is signed out by a link alone: he is asked. */
export function endSessionRoutes({
  oauth,
  sessions,
}: OAuthPageParts & { readonly sessions: WebSessions }): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const sent = new URL(c.req.url).searchParams
      if (!c.get('user')) return signedOut(c, await backTo(sent))
      const { frame } = c.var
      const { t } = frame
      const fields = [...sent].map(
        ([key, value]) => html`<input type="hidden" name="${key}" value="${value}">`,
      )
      const content = html`<form class="panel" method="post" action="/oauth/end_session">
        <p>${t('oauth.sign-out')}</p>
        ${fields}
        <button>${t('sign-out')}</button>
      </form>`
      return c.html(page(frame, t('sign-out'), content))
    })
    .post('/', async (c) => {
      const sent = new URLSearchParams(await c.req.text())
      const [user, id] = [c.get('user'), c.get('sessionId')]
      if (user && id !== undefined) {
        if ((await sessions.end(user.account, id)).kind === 'later') return later(c)
        dropSession(c)
        c.set('frame', { ...c.var.frame, address: undefined, administration: undefined })
      }
      return signedOut(c, await backTo(sent))
    })

  /** Where he came from, if that is an application of ours, and an address that is registered for it. */
  async function backTo(sent: URLSearchParams): Promise<AnswerTo | undefined> {
    const hint = sent.get('id_token_hint')
    const hinted = hint === null ? undefined : await oauth.keys.audienceOf(hint)
    const id = sent.get('client_id') ?? hinted
    if (id === undefined || (hinted !== undefined && hinted !== id)) return undefined
    const client = await oauth.clients.find(id)
    const redirectUri = sent.get('post_logout_redirect_uri') ?? ''
    if (!client || !isRegisteredRedirect(client.redirectUris, redirectUri)) return undefined
    return { client, redirectUri, state: sent.get('state') ?? undefined }
  }
}

function signedOut(c: Context<Env>, back: AnswerTo | undefined) {
  const { frame } = c.var
  const { t } = frame
  if (!back) return c.html(page(frame, t('sign-out'), told(t('oauth.signed-out'))))
  const { client, redirectUri, state } = back
  const to = state === undefined ? redirectUri : answerAt(redirectUri, { state })
  const [title, link] = [t('oauth.back', { name: client.name }), t('oauth.continue', { name: client.name })]
  return onward(c, { to, title, link })
}
