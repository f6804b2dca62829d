import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { parseDomain } from '../../lib/address.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import { postButton, told } from '../site/form.ts'
import { table } from '../site/list.ts'
import { page } from '../site/page.ts'
import { type Env, later, savedText } from '../site/visit.ts'
import { afterwards, type Field, readForm, showForm, showMistakes } from './form.ts'
import { actorHere, at } from './page.ts'

const nameField: Field = {
  name: 'name',
  label: 'domains.name',
  kind: 'text',
  more: 'required autocomplete="off"',
}
const fields: readonly Field[] = [
  {
    name: 'target',
    label: 'relays.target',
    kind: 'text',
    hint: 'relays.target-hint',
    more: 'maxlength="255"',
  },
  { name: 'comment', label: 'users.comment', kind: 'text', more: 'maxlength="255"' },
]
const newFields = [nameField, ...fields]

/** Domains that mail is taken for and passed on. Mailu: `/relay`. */
export function relayRoutes(admin: DirectoryAdmin): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/', async (c) => {
    const { frame } = c.var
    const { t } = frame
    const rows = table({
      caption: t('nav.relays'),
      none: t('relays.none'),
      rows: await admin.relays(),
      columns: [
        {
          head: t('domains.name'),
          cell: ({ name }) => html`<a href="${at(c, '/relay/edit', name)}">${name}</a>`,
        },
        { head: t('relays.target'), cell: ({ target }) => target || t('relays.by-mx') },
        { head: t('users.comment'), cell: ({ comment }) => comment },
      ],
    })
    const create = html`<p class="actions"><a href="${at(c, '/relay/create')}">${t('relays.create')}</a></p>`
    const saved = told(savedText(c))
    return c.html(page(frame, t('nav.relays'), html`${saved} ${create} ${rows}`))
  })

  routes.get('/create', (c) =>
    showForm(c, { title: c.var.frame.t('relays.create'), fields: newFields, values: {} }),
  )
  routes.post('/create', async (c) => {
    const { t } = c.var.frame
    const values = await readForm(c, newFields)
    const form = { title: t('relays.create'), fields: newFields, values }
    const name = parseDomain(values['name'] ?? '')
    if (!name) return showMistakes(c, form, { name: t('domains.no-name') })
    const row = { name, target: values['target'] ?? '', comment: values['comment'] ?? '' }
    const outcome = await admin.add('relay', row, actorHere(c).user.address)
    return afterwards(c, outcome, { next: at(c, '/relay?saved'), form })
  })

  routes.get('/edit/:domain', async (c) => {
    const relay = await named(c)
    if (!relay) return c.notFound()
    const { target, comment } = relay
    return showForm(c, {
      title: relay.name,
      fields,
      values: { target, comment },
      after: removal(c, relay.name),
    })
  })
  routes.post('/edit/:domain', async (c) => {
    const relay = await named(c)
    if (!relay) return c.notFound()
    const values = await readForm(c, fields)
    const to = { target: values['target'] ?? '', comment: values['comment'] ?? '' }
    const outcome = await admin.set('relay', relay.name, to, actorHere(c).user.address)
    const form = { title: relay.name, fields, values, after: removal(c, relay.name) }
    return afterwards(c, outcome, { next: at(c, '/relay?saved'), form })
  })
  routes.post('/delete/:domain', async (c) => {
    const relay = await named(c)
    if (!relay) return c.notFound()
    const done = await admin.delete('relay', relay.name, actorHere(c).user.address)
    return done.kind === 'later' ? later(c) : c.redirect(at(c, '/relay?saved'), 303)
  })

  async function named(c: Context<Env>) {
    const name = parseDomain(c.req.param('domain') ?? '')
    return (await admin.relays()).find((relay) => relay.name === name)
  }
  return routes
}

const removal = (c: Context<Env>, name: string) =>
  postButton(at(c, '/relay/delete', name), c.var.frame.t('relays.delete'))
