import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { UserRow } from '../../../ports/directory-rows.ts'
import { moment } from '../../site/moment.ts'
import { page } from '../../site/page.ts'
import { type Env, later } from '../../site/visit.ts'
import { managedUser } from '../managed.ts'
import { actorHere, at } from '../page.ts'
import type { OpsParts } from './parts.ts'

/** Where somebody is signed in with a browser, to those above him. */
export function userSessionRoutes({ sessions, admin }: Pick<OpsParts, 'sessions' | 'admin'>): Hono<Env> {
  return new Hono<Env>()
    .get('/:address', async (c) => {
      const user = await managedUser(c, admin)
      if (!user) return c.notFound()
      const { frame } = c.var
      const { t } = frame
      const home = at(c, '/sessions', user.address)
      const rows = (await sessions.list(user.account)).map(
        ({ id, browser, seenAt, seenFrom, createdAt }) => html`
        <li>
          <div><strong>${browser.slice(0, 200) || t('sessions.nameless')}</strong>
            <p class="hint">${t('sessions.seen', { date: moment(frame, seenAt), from: seenFrom })} · ${t('sessions.since', { date: moment(frame, createdAt) })}</p></div>
          <form method="post" action="${home}/${id}/end"><button class="bad">${t('sessions.end')}</button></form>
        </li>`,
      )
      const content =
        rows.length === 0
          ? html`<p class="panel">${t('user-sessions.none')}</p>`
          : html`<ul class="panel list">${rows}</ul>
      <form method="post" action="${home}/end"><button class="bad">${t('user-sessions.end-all')}</button></form>`
      return c.html(page(frame, t('user-sessions.title', { address: user.address }), content))
    })
    .post('/:address/end', (c) => ended(c, ({ account }) => sessions.endAll(account)))
    .post('/:address/:id/end', (c) => ended(c, ({ account }) => sessions.end(account, c.req.param('id'))))

  async function ended(
    c: Context<Env>,
    end: (user: UserRow) => Promise<{ readonly kind: 'ended' | 'missing' | 'later' }>,
  ) {
    const user = await managedUser(c, admin)
    if (!user) return c.notFound()
    const { kind } = await end(user)
    if (kind === 'later') return later(c)
    if (kind === 'missing') return c.notFound()
    const done = { on: 'session', key: user.address, did: 'deleted', columns: [] } as const
    await admin.record(done, actorHere(c).user.address)
    return c.redirect(at(c, '/sessions', user.address), 303)
  }
}
