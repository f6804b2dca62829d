import type { Context, MiddlewareHandler } from 'hono'
import { html } from 'hono/html'
import type { OAuthScope } from '../../lib/oauth-scopes.ts'
import { answerAt, isOnTheWeb } from '../../lib/redirect-uri.ts'
import { type Content, type Frame, page } from '../site/page.ts'
import type { Env } from '../site/visit.ts'
import type { AnswerTo } from './authorization-request.ts'
import { scopeTexts } from './scope-texts.ts'

export const scopeList = ({ t }: Frame, scopes: readonly OAuthScope[]) =>
  html`<ul>${scopes.map((scope) => html`<li>${t(scopeTexts[scope])}</li>`)}</ul>`

/** Allow and deny, of one form. */
export const decision = ({ t }: Frame) =>
  html`<p class="buttons"><button name="decision" value="allow">${t('oauth.allow')}</button>
        <button name="decision" value="deny" class="quiet">${t('oauth.deny')}</button></p>`

/** A place that people know: the name of a site, or their own machine. */
export const placeOf = ({ t }: Frame, uri: string): string =>
  isOnTheWeb(uri) ? new URL(uri).host : t('oauth.this-device')

/**
 * Goes there by a page of ours and not by a redirect: browsers bind what a form leads to, redirects included, to this site, as its
 * Content-Security-Policy says; and who comes from another site has to come from this one once, to bring his cookie.
 */
export function onward(c: Context<Env>, { to, title, link }: { to: string; title: string; link: string }) {
  const { frame } = c.var
  c.header('Refresh', `0;url=${to}`)
  return c.html(page(frame, title, html`<p class="panel"><a href="${to}">${link}</a></p>`))
}

/** RFC 6749 §4.1.2; RFC 9207: the answer says whose it is. */
export function answer(
  c: Context<Env>,
  { client, redirectUri, state }: AnswerTo,
  said: Readonly<Record<string, string>> & { readonly iss: string },
) {
  const { t } = c.var.frame
  const to = answerAt(redirectUri, { ...said, ...(state !== undefined && { state }) })
  const [title, link] = [t('oauth.back', { name: client.name }), t('oauth.continue', { name: client.name })]
  return onward(c, { to, title, link })
}

/** Who comes from another site brings no cookie, as it is bound to this one: he comes once more. */
export const fromHere: MiddlewareHandler<Env> = async (c, next) => {
  const from = c.req.header('sec-fetch-site')
  if (c.req.method !== 'GET' || c.get('user') || (from !== 'cross-site' && from !== 'same-site'))
    return next()
  const { t, here, siteName } = c.var.frame
  return onward(c, { to: here, title: siteName, link: t('oauth.continue', { name: siteName }) })
}

export const mistakePage = (c: Context<Env>, text: string, status: 400 | 429 = 400) => {
  const { frame } = c.var
  const content: Content = html`<p class="panel">${text}</p>`
  return c.html(page(frame, frame.t('oauth.wrong-title'), content), status)
}
