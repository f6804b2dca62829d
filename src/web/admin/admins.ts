import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { parseAddress } from '../../lib/address.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import { input, postButton, told } from '../site/form.ts'
import { table } from '../site/list.ts'
import { page } from '../site/page.ts'
import { type Env, fieldsOf, later } from '../site/visit.ts'
import { actorHere, at } from './page.ts'

/** Who administers everything. Mailu: `/admin/list`. Nobody gives up his own rights, so that one is always left. */
export function adminListRoutes(admin: DirectoryAdmin): Hono<Env> {
  const routes = new Hono<Env>()
  routes.get('/', (c) => c.redirect(at(c, '/admin/list'), 303))
  routes.get('/list', (c) => show(c))

  routes.post('/create', async (c) => {
    const text = (await fieldsOf(c))('user').trim()
    const address = parseAddress(text)
    const user = address && (await admin.user(address))
    if (!user)
      return show(c, { text, mistake: c.var.frame.t('managers.nobody', { address: text.slice(0, 100) }) })
    return settle(c, user.address, true)
  })
  routes.post('/delete/:address', async (c) => {
    const address = parseAddress(c.req.param('address'))
    const user = address && (await admin.user(address))
    if (user?.globalAdmin !== true || user.address === actorHere(c).user.address) return c.notFound()
    return settle(c, user.address, false)
  })

  async function settle(
    c: Context<Env>,
    address: Parameters<DirectoryAdmin['user']>[0],
    globalAdmin: boolean,
  ) {
    const done = await admin.set('user', address, { globalAdmin }, actorHere(c).user.address)
    if (done.kind === 'later') return later(c)
    if (done.kind === 'refused') return show(c, { text: address, mistake: done.text })
    return c.redirect(at(c, '/admin/list'), 303)
  }

  async function show(
    c: Context<Env>,
    { text = '', mistake }: { readonly text?: string; readonly mistake?: string } = {},
  ) {
    const { frame } = c.var
    const { t } = frame
    const { user: self } = actorHere(c)
    const rows = (await admin.users()).filter(({ globalAdmin }) => globalAdmin)
    const list = table({
      caption: t('nav.admins'),
      none: '',
      rows,
      columns: [
        {
          head: t('users.address'),
          cell: ({ address }) => html`<a href="${at(c, '/user/edit', address)}">${address}</a>`,
        },
        {
          head: t('managers.rights'),
          cell: ({ address }) =>
            address === self.address
              ? t('admins.you')
              : postButton(at(c, '/admin/delete', address), t('managers.delete')),
        },
      ],
    })
    const form = html`<h2>${t('admins.new')}</h2>
      <form class="panel" method="post" action="${at(c, '/admin/create')}">
        ${input({ name: 'user', label: t('users.address'), type: 'email', value: text, hint: t('admins.hint'), more: 'required' })}
        <button>${t('managers.add')}</button>
      </form>`
    return c.html(
      page(frame, t('nav.admins'), html`${told(mistake, 'bad')} ${list} ${form}`),
      mistake ? 422 : 200,
    )
  }
  return routes
}
