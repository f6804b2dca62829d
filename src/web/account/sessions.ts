import { Hono } from 'hono'
import { html } from 'hono/html'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { TokenRow } from '../../ports/directory-rows.ts'
import type { OAuthGrants } from '../../ports/oauth.ts'
import { moment } from '../site/moment.ts'
import { type Content, type Frame, page } from '../site/page.ts'
import { type Env, later } from '../site/visit.ts'
import type { SignInParts } from '../sso/enter.ts'
import { applicationsOf } from './applications.ts'
import { here } from './settings-page.ts'

/** Where somebody is signed in with a browser, and whom he has let in. */
export function sessionRoutes(
  { sessions, providerName: name = '' }: Pick<SignInParts, 'sessions' | 'providerName'>,
  {
    admin,
    grants,
  }: { readonly admin: Pick<DirectoryAdmin, 'tokens'>; readonly grants: Pick<OAuthGrants, 'list'> },
): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const { frame } = c.var
      const { t } = frame
      const current = c.get('sessionId')
      const when = (at: number) => moment(frame, at)
      const wayIn = (by: string) => {
        const key = waysIn.get(by)
        return key === undefined ? '' : ` ${t(key, { name })}`
      }
      const nameOf = (browser: string) => browserName(browser) || t('sessions.nameless')
      const rows = (await sessions.list(here(c).account)).map(
        ({ id, browser, seenAt, seenFrom, createdAt, signedInBy }) => html`
        <li>
          <div><strong title="${browser}">${nameOf(browser)}</strong>
            <p class="hint">${t('sessions.seen', { date: when(seenAt), from: seenFrom })} · ${t('sessions.since', { date: when(createdAt) })}${wayIn(signedInBy)}</p></div>
          ${
            id === current
              ? html`<span>${t('sessions.this')}</span>`
              : html`<form method="post" action="/account/sessions/${id}/end"><button class="bad" aria-label="${t('sessions.end')}: ${nameOf(browser)}, ${when(seenAt)}">${t('sessions.end')}</button></form>`
          }
        </li>`,
      )
      const content = html`<ul class="panel list">${rows}</ul>
      <form method="post" action="/account/sessions/end"><button class="bad">${t('sessions.end-all')}</button></form>`
      const programs = programsOf(frame, await admin.tokens(here(c).address))
      const applications = applicationsOf(frame, await grants.list(here(c).account))
      return c.html(
        page(
          frame,
          t('sessions.title'),
          html`<h2>${t('sessions.browsers')}</h2>${content} ${programs} ${applications}`,
        ),
      )
    })
    .post('/end', async (c) => {
      const ended = await sessions.endAll(here(c).account)
      if (ended.kind === 'later') return later(c)
      return c.redirect('/sso/login', 303)
    })
    .post('/:id/end', async (c) => {
      const ended = await sessions.end(here(c).account, c.req.param('id'))
      if (ended.kind === 'later') return later(c)
      return ended.kind === 'missing' ? c.notFound() : c.redirect('/account/sessions', 303)
    })
}

/** The password goes without saying. */
const waysIn: ReadonlyMap<string, string> = new Map([
  ['passkey', 'sessions.by-passkey'],
  ['proxy', 'sessions.by-proxy'],
  ['provider', 'sessions.by-provider'],
])

/** Mail programs, by the app passwords that they have. */
function programsOf(frame: Frame, tokens: readonly TokenRow[]): Content {
  const { t } = frame
  const rows = tokens.flatMap(({ comment, lastUsed }) =>
    lastUsed === undefined
      ? []
      : [
          html`
        <li><div><strong>${comment || t('tokens.nameless')}</strong>
            <p class="hint">${t('tokens.used', { date: moment(frame, lastUsed.at), from: lastUsed.by })}${lastUsed.client === '' ? '' : ` · ${lastUsed.client}`}</p></div>
        </li>`,
        ],
  )
  return html`<h2>${t('sessions.programs')}</h2>
      ${rows.length === 0 ? html`<p>${t('sessions.no-programs')}</p>` : html`<ul class="panel list">${rows}</ul>`}
      <p><a href="/account/tokens">${t('nav.tokens')}</a></p>`
}

const browsers = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const
const systems = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'Mac'],
  ['Linux', 'Linux'],
] as const

/** `Firefox, Linux`: what its owner calls it. Whatever else it says of itself stays as it is. */
function browserName(said: string): string {
  const nameIn = (names: readonly (readonly [string, string])[]) =>
    names.find(([mark]) => said.includes(mark))?.[1]
  const names = [nameIn(browsers), nameIn(systems)].filter((name) => name !== undefined)
  return names.length === 2 ? names.join(', ') : said
}
