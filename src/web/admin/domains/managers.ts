import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type DomainName, parseAddress } from '../../../lib/address.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import { outranks } from '../../site/actor.ts'
import { input, postButton, told } from '../../site/form.ts'
import { table } from '../../site/list.ts'
import { page } from '../../site/page.ts'
import { type Env, fieldsOf, later } from '../../site/visit.ts'
import { managedDomain } from '../managed.ts'
import { actorHere, at } from '../page.ts'

/** Who manages a domain. Mailu: `/manager`; unlike there, nobody takes rights from who stands above him. */
export function managerRoutes(admin: DirectoryAdmin): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/list/:domain', async (c) => {
    const domain = (await managedDomain(c, admin))?.name
    return domain === undefined ? c.notFound() : show(c, domain)
  })

  routes.post('/create/:domain', async (c) => {
    const domain = (await managedDomain(c, admin))?.name
    if (domain === undefined) return c.notFound()
    const actor = actorHere(c)
    const { t } = c.var.frame
    const text = (await fieldsOf(c))('user').trim()
    const address = parseAddress(text)
    const user = address && (await admin.user(address))
    // Whom a manager gives rights to is one of his own people: he learns nothing about others.
    if (!user || !(await outranks(admin, actor, user)))
      return show(c, domain, { text, mistake: t('managers.nobody', { address: text.slice(0, 100) }) })
    const outcome = await admin.add('manager', { domain, user: user.address }, actor.user.address)
    if (outcome.kind === 'later') return later(c)
    if (outcome.kind === 'refused') return show(c, domain, { text, mistake: outcome.text })
    return c.redirect(at(c, '/manager/list', domain), 303)
  })

  routes.post('/delete/:domain/:address', async (c) => {
    const domain = (await managedDomain(c, admin))?.name
    const actor = actorHere(c)
    const address = parseAddress(c.req.param('address'))
    const user = address && (await admin.user(address))
    if (domain === undefined || !user || !(await outranks(admin, actor, user))) return c.notFound()
    const done = await admin.delete('manager', { domain, user: user.address }, actor.user.address)
    if (done.kind === 'later') return later(c)
    return done.kind === 'missing' ? c.notFound() : c.redirect(at(c, '/manager/list', domain), 303)
  })

  async function show(
    c: Context<Env>,
    domain: DomainName,
    { text = '', mistake }: { readonly text?: string; readonly mistake?: string } = {},
  ) {
    const { frame } = c.var
    const { t } = frame
    const rows = (await admin.managers()).filter((grant) => grant.domain === domain)
    const list = table({
      caption: t('domains.managers'),
      none: t('managers.none'),
      rows,
      columns: [
        { head: t('users.address'), cell: ({ user }) => user },
        {
          head: t('managers.rights'),
          cell: ({ user }) => postButton(at(c, `/manager/delete/${domain}`, user), t('managers.delete')),
        },
      ],
    })
    const form = html`<h2>${t('managers.new')}</h2>
      <form class="panel" method="post" action="${at(c, '/manager/create', domain)}">
        ${input({ name: 'user', label: t('users.address'), type: 'email', value: text, hint: t('managers.hint'), more: 'required' })}
        <button>${t('managers.add')}</button>
      </form>`
    const title = t('managers.of', { domain })
    return c.html(page(frame, title, html`${told(mistake, 'bad')} ${list} ${form}`), mistake ? 422 : 200)
  }
  return routes
}
