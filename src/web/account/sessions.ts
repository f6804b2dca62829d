import { Hono } from 'hono'
import { html } from 'hono/html'
import type { WebSessions } from '../../ports/web-sessions.ts'
import { moment } from '../site/moment.ts'
import { page } from '../site/page.ts'
import { type Env, later } from '../site/visit.ts'
import { here } from './settings-page.ts'

/** Where somebody is signed in with a browser. */
export function sessionRoutes(sessions: WebSessions): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const { frame } = c.var
      const { t } = frame
      const current = c.get('sessionId')
      const when = (at: number) => moment(frame, at)
      const nameOf = (browser: string) => browserName(browser) || t('sessions.nameless')
      const rows = (await sessions.list(here(c).account)).map(
        ({ id, browser, seenAt, seenFrom, createdAt }) => html`
        <li>
          <div><strong title="${browser}">${nameOf(browser)}</strong>
            <p class="hint">${t('sessions.seen', { date: when(seenAt), from: seenFrom })} · ${t('sessions.since', { date: when(createdAt) })}</p></div>
          ${
            id === current
              ? html`<span>${t('sessions.this')}</span>`
              : html`<form method="post" action="/account/sessions/${id}/end"><button class="bad" aria-label="${t('sessions.end')}: ${nameOf(browser)}, ${when(seenAt)}">${t('sessions.end')}</button></form>`
          }
        </li>`,
      )
      const content = html`<ul class="panel list">${rows}</ul>
      <form method="post" action="/account/sessions/end"><button class="bad">${t('sessions.end-all')}</button></form>`
      return c.html(page(frame, t('sessions.title'), content))
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
