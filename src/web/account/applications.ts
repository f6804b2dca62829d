import { Hono } from 'hono'
import { html } from 'hono/html'
import type { AllowedApplication, OAuthGrants } from '../../ports/oauth.ts'
import { scopeTexts } from '../oauth/scope-texts.ts'
import { dayOf, moment } from '../site/moment.ts'
import type { Content, Frame } from '../site/page.ts'
import { type Env, later } from '../site/visit.ts'
import { here } from './settings-page.ts'

/** Takes back what an application was allowed. */
export function applicationRoutes(grants: OAuthGrants): Hono<Env> {
  return new Hono<Env>().post('/:client/end', async (c) => {
    const { account, address } = here(c)
    const done = await grants.withdraw(account, c.req.param('client'), address)
    if (done.kind === 'later') return later(c)
    return done.kind === 'missing' ? c.notFound() : c.redirect('/account/sessions', 303)
  })
}

/** Who was let in, in the list of devices. */
export function applicationsOf(frame: Frame, rows: readonly AllowedApplication[]): Content {
  const { t } = frame
  const list = rows.map(
    ({ client, name, scopes, since, lastUsed }) => html`
        <li><div><strong>${name}</strong>
            <p class="hint">${[
              t('oauth.since', { date: dayOf(frame, since) }),
              lastUsed
                ? t('tokens.used', { date: moment(frame, lastUsed.at), from: lastUsed.by })
                : t('tokens.unused'),
              scopes.map((scope) => t(scopeTexts[scope])).join(', '),
            ].join(' · ')}</p></div>
          <form method="post" action="/account/applications/${client}/end"><button class="bad" aria-label="${t('tokens.delete')}: ${name}">${t('tokens.delete')}</button></form>
        </li>`,
  )
  return html`<h2>${t('oauth.applications')}</h2>
      ${list.length === 0 ? html`<p>${t('oauth.no-applications')}</p>` : html`<ul class="panel list">${list}</ul>`}`
}
