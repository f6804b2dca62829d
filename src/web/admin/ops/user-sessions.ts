import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { parseAddress } from '../../../lib/address.ts'
import type { UserRow } from '../../../ports/directory-rows.ts'
import { outranks } from '../../site/actor.ts'
import { moment } from '../../site/moment.ts'
import { page } from '../../site/page.ts'
import { type Env, later } from '../../site/visit.ts'
import { actorHere, at } from '../page.ts'
import type { OpsParts } from './parts.ts'

type Parts = Pick<OpsParts, 'sessions' | 'admin'>

/** Where somebody is signed in with a browser, to those above him. */
export function userSessionRoutes(parts: Parts): Hono<Env> {
  const { sessions, admin } = parts
  return new Hono<Env>()
    .get('/:address', async (c) => {
      const user = await userHere(c, parts)
      if (!user) return c.notFound()
      const { frame } = c.var
      const { t } = frame
      const home = `${at(c, '/sessions')}/${encodeURIComponent(user.address)}`
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
    .post('/:address/end', (c) => ended(c, parts, ({ account }) => sessions.endAll(account)))
    .post('/:address/:id/end', (c) =>
      ended(c, parts, ({ account }) => sessions.end(account, c.req.param('id'))),
    )

  async function ended(
    c: Context<Env>,
    asked: Parts,
    end: (user: UserRow) => Promise<{ readonly kind: 'ended' | 'missing' | 'later' }>,
  ) {
    const user = await userHere(c, asked)
    if (!user) return c.notFound()
    const { kind } = await end(user)
    if (kind === 'later') return later(c)
    if (kind === 'missing') return c.notFound()
    const done = { on: 'session', key: user.address, did: 'deleted', columns: [] } as const
    await admin.record(done, actorHere(c).user.address)
    return c.redirect(`${at(c, '/sessions')}/${encodeURIComponent(user.address)}`, 303)
  }
}

/** Undefined as well where he is nobody whom this one may touch. */
async function userHere(c: Context<Env>, { admin }: Parts): Promise<UserRow | undefined> {
  const address = parseAddress(c.req.param('address') ?? '')
  const user = address && (await admin.user(address))
  return user && (await outranks(admin, actorHere(c), user)) ? user : undefined
}
