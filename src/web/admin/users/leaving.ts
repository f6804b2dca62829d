import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { domainOf, parseAddress } from '../../../lib/address.ts'
import { goneAt, undoDays } from '../../../lib/undo-time.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import { manages, outranks } from '../../site/actor.ts'
import { postButton, told } from '../../site/form.ts'
import { table } from '../../site/list.ts'
import { dayOf } from '../../site/moment.ts'
import { page } from '../../site/page.ts'
import { type Env, later } from '../../site/visit.ts'
import { managedUser } from '../managed.ts'
import { actorHere, at } from '../page.ts'

/** Deleting somebody with all his mail, and taking it back while there is time. */
export function leavingRoutes(admin: DirectoryAdmin): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/delete/:address', async (c) => {
    const user = await managedUser(c, admin)
    if (!user || user.address === actorHere(c).user.address) return c.notFound()
    const { frame } = c.var
    const { t } = frame
    const content = html`<div class="panel">
        <p>${t('users.delete-what', { address: user.address, count: undoDays })}</p>
        <form method="post"><button class="bad">${t('users.delete')}</button></form>
      </div>
      <p><a href="${at(c, '/user/edit', user.address)}">${t('form.cancel')}</a></p>`
    return c.html(page(frame, t('users.delete-title', { address: user.address }), content))
  })

  routes.post('/delete/:address', async (c) => {
    const user = await managedUser(c, admin)
    const { user: actor } = actorHere(c)
    if (!user || user.address === actor.address) return c.notFound()
    const row = { user: user.address, deleteAt: goneAt(Date.now()) }
    const done = await admin.add('departure', row, actor.address)
    if (done.kind === 'later') return later(c)
    return c.redirect(at(c, '/user/leaving?deleted'), 303)
  })

  routes.get('/leaving', async (c) => {
    const { frame } = c.var
    const { t } = frame
    const actor = actorHere(c)
    const rows = (await admin.departures()).filter(({ user }) => manages(actor, domainOf(user)))
    const list = table({
      caption: t('users.leaving'),
      none: t('users.nobody-leaves'),
      rows,
      columns: [
        { head: t('users.address'), cell: ({ user }) => user },
        {
          head: t('users.gone-at'),
          cell: ({ deleteAt }) => dayOf(frame, deleteAt),
        },
        {
          head: t('users.undo'),
          cell: ({ user }) => postButton(at(c, '/user/restore', user), t('users.restore'), 'quiet'),
        },
      ],
    })
    const said = told(
      c.req.query('deleted') === undefined ? undefined : t('users.deleted', { count: undoDays }),
    )
    return c.html(page(frame, t('users.leaving'), html`${said} ${list}`))
  })

  routes.post('/restore/:address', async (c) => {
    const user = await leaving(c)
    if (!user) return c.notFound()
    const done = await admin.delete('departure', user, actorHere(c).user.address)
    if (done.kind === 'later') return later(c)
    return c.redirect(at(c, '/user/edit', user), 303)
  })

  async function leaving(c: Context<Env>) {
    const address = parseAddress(c.req.param('address') ?? '')
    const row = (await admin.departures()).find(({ user }) => user === address)
    if (!row) return undefined
    const { user, globalAdmin } = row
    return (await outranks(admin, actorHere(c), { address: user, globalAdmin })) ? user : undefined
  }
  return routes
}
