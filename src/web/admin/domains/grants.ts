import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type DomainName, parseAddress } from '../../../lib/address.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import { outranks } from '../../site/actor.ts'
import { input, postButton, told } from '../../site/form.ts'
import { table } from '../../site/list.ts'
import { type Frame, page } from '../../site/page.ts'
import { type Env, fieldsOf, later } from '../../site/visit.ts'
import { managedDomain } from '../managed.ts'
import { actorHere, at } from '../page.ts'

/** What somebody may be let do in a domain: manage it, or make anonymous aliases. Mailu: `/manager`, `/domain/access`. */
const rights = {
  manager: {
    path: '/manager',
    title: ({ t }: Frame, domain: DomainName) => t('managers.of', { domain }),
    about: () => '',
    none: 'managers.none',
    add: 'managers.new',
    rows: (admin: DirectoryAdmin) => admin.managers(),
  },
  access: {
    path: '/access',
    title: ({ t }: Frame, domain: DomainName) => `${t('aliases.title')}: ${domain}`,
    about: ({ t }: Frame, domain: DomainName) => html`<p>${t('access.what', { domain })}</p>`,
    none: 'users.none',
    add: 'managers.add',
    rows: (admin: DirectoryAdmin) => admin.accesses(),
  },
} as const

/** Who has a right. Unlike in Mailu, nobody gives or takes one who stands below its owner. */
export function grantRoutes(admin: DirectoryAdmin, right: keyof typeof rights): Hono<Env> {
  const { path, title, about, none, add, rows: grants } = rights[right]
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
    const outcome = await admin.add(right, { domain, user: user.address }, actor.user.address)
    if (outcome.kind === 'later') return later(c)
    if (outcome.kind === 'refused') return show(c, domain, { text, mistake: outcome.text })
    return c.redirect(at(c, `${path}/list`, domain), 303)
  })

  routes.post('/delete/:domain/:address', async (c) => {
    const domain = (await managedDomain(c, admin))?.name
    const actor = actorHere(c)
    const address = parseAddress(c.req.param('address'))
    const user = address && (await admin.user(address))
    if (domain === undefined || !user || !(await outranks(admin, actor, user))) return c.notFound()
    const done = await admin.delete(right, { domain, user: user.address }, actor.user.address)
    if (done.kind === 'later') return later(c)
    return done.kind === 'missing' ? c.notFound() : c.redirect(at(c, `${path}/list`, domain), 303)
  })

  async function show(
    c: Context<Env>,
    domain: DomainName,
    { text = '', mistake }: { readonly text?: string; readonly mistake?: string } = {},
  ) {
    const { frame } = c.var
    const { t } = frame
    const rows = (await grants(admin)).filter((grant) => grant.domain === domain)
    const list = table({
      caption: title(frame, domain),
      none: t(none),
      rows,
      columns: [
        { head: t('users.address'), cell: ({ user }) => user },
        {
          head: t('managers.rights'),
          cell: ({ user }) => postButton(at(c, `${path}/delete/${domain}`, user), t('managers.delete')),
        },
      ],
    })
    const form = html`<h2>${t(add)}</h2>
      <form class="panel" method="post" action="${at(c, `${path}/create`, domain)}">
        ${input({ name: 'user', label: t('users.address'), type: 'email', value: text, hint: t('managers.hint'), more: 'required' })}
        <button>${t('managers.add')}</button>
      </form>`
    const content = html`${told(mistake, 'bad')} ${about(frame, domain)} ${list} ${form}`
    return c.html(page(frame, title(frame, domain), content), mistake ? 422 : 200)
  }
  return routes
}
