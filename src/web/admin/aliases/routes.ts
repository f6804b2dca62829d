import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type Address, type DomainName, domainOf, localPartOf, parseAddress } from '../../../lib/address.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { AliasRow } from '../../../ports/directory-rows.ts'
import { manages } from '../../site/actor.ts'
import { itemsIn, postButton } from '../../site/form.ts'
import { type Env, later } from '../../site/visit.ts'
import type { Texts } from '../../texts/texts.ts'
import {
  afterwards,
  type Field,
  type Form,
  isYes,
  type Mistakes,
  readForm,
  showForm,
  showMistakes,
  type Values,
  yesIf,
} from '../form.ts'
import { managedDomain } from '../managed.ts'
import { actorHere, at } from '../page.ts'
import { listAliases } from './list.ts'

const nameField: Field = {
  name: 'localpart',
  label: 'users.localpart',
  kind: 'text',
  hint: 'alias-list.localpart-hint',
  more: 'required autocomplete="off" autocapitalize="none"',
}
const fields: readonly Field[] = [
  { name: 'wildcard', label: 'alias-list.wildcard', kind: 'check' },
  {
    name: 'destination',
    label: 'alias-list.destination',
    kind: 'lines',
    hint: 'alias-list.destination-hint',
    more: 'required',
  },
  { name: 'disabled', label: 'alias-list.disabled', kind: 'check' },
  { name: 'comment', label: 'users.comment', kind: 'text', more: 'maxlength="255"' },
]
const newFields = [nameField, ...fields]

/** Other names of people and of groups. Mailu: `/alias`. */
export function aliasRoutes(admin: DirectoryAdmin): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/', (c) => {
    const { isGlobal, domains } = actorHere(c)
    return listAliases(c, admin, isGlobal ? undefined : [...domains])
  })
  routes.get('/list/:domain', async (c) => {
    const domain = await managedDomain(c, admin)
    return domain ? listAliases(c, admin, [domain.name], domain.name) : c.notFound()
  })

  routes.get('/create/:domain', async (c) => {
    const domain = (await managedDomain(c, admin))?.name
    return domain === undefined ? c.notFound() : showForm(c, newForm(c, domain, {}))
  })
  routes.post('/create/:domain', async (c) => {
    const domain = (await managedDomain(c, admin))?.name
    if (domain === undefined) return c.notFound()
    const { t } = c.var.frame
    const values = await readForm(c, newFields)
    const text = `${values['localpart']}@${domain}`
    const address = parseAddress(text)
    const mistakes = {
      ...(!address && { localpart: t('form.no-address', { address: text.slice(0, 100) }) }),
      ...mistakesIn(values, t),
    }
    const form = newForm(c, domain, values)
    if (!address || Object.keys(mistakes).length > 0) return showMistakes(c, form, mistakes)
    const outcome = await admin.add('alias', { address, ...settingsOf(values) }, actorHere(c).user.address)
    return afterwards(c, outcome, { next: `${at(c, '/alias/list', domain)}?saved`, form })
  })

  routes.get('/edit/:address', async (c) => {
    const alias = await target(c)
    return alias ? showForm(c, editForm(c, alias, valuesOf(alias))) : c.notFound()
  })
  routes.post('/edit/:address', async (c) => {
    const alias = await target(c)
    if (!alias) return c.notFound()
    const { t } = c.var.frame
    const values = await readForm(c, fields)
    const mistakes = mistakesIn(values, t)
    const form = editForm(c, alias, values)
    if (Object.keys(mistakes).length > 0) return showMistakes(c, form, mistakes)
    const outcome = await admin.set('alias', alias.address, settingsOf(values), actorHere(c).user.address)
    return afterwards(c, outcome, { next: `${at(c, '/alias/list', domainOfAlias(alias))}?saved`, form })
  })
  routes.post('/delete/:address', async (c) => {
    const alias = await target(c)
    if (!alias) return c.notFound()
    const done = await admin.delete('alias', alias.address, actorHere(c).user.address)
    return done.kind === 'later'
      ? later(c)
      : c.redirect(`${at(c, '/alias/list', domainOfAlias(alias))}?saved`, 303)
  })

  async function target(c: Context<Env>): Promise<AliasRow | undefined> {
    const address = parseAddress(c.req.param('address') ?? '')
    if (address === undefined || !manages(actorHere(c), domainOf(address))) return undefined
    return (await admin.aliases(domainOf(address))).find((alias) => alias.address === address)
  }
  return routes
}

const domainOfAlias = ({ address }: AliasRow) => domainOf(address as Address)

const newForm = (c: Context<Env>, domain: DomainName, values: Values): Form => ({
  title: c.var.frame.t('alias-list.new', { domain }),
  fields: newFields,
  values,
})

function editForm(c: Context<Env>, alias: AliasRow, values: Values): Form {
  const { t } = c.var.frame
  const after = postButton(at(c, '/alias/delete', alias.address), t('alias-list.delete'))
  const before =
    alias.owner === ''
      ? ''
      : html`<p>${t('alias-list.owned', { owner: alias.owner, site: alias.hostname || '–' })}</p>`
  return { title: alias.address, fields, values, before, after }
}

const valuesOf = (alias: AliasRow): Values => ({
  localpart: localPartOf(alias.address as Address),
  wildcard: yesIf(alias.wildcard),
  destination: alias.destination.join('\n'),
  disabled: yesIf(alias.disabled),
  comment: alias.comment,
})

function mistakesIn({ destination = '' }: Values, t: Texts): Mistakes {
  const asked = itemsIn(destination)
  const wrong = asked.find((each) => parseAddress(each) === undefined)
  if (wrong !== undefined) return { destination: t('form.no-address', { address: wrong.slice(0, 100) }) }
  return asked.length === 0 ? { destination: t('forward.where-to') } : {}
}

/** Of values without a mistake. */
const settingsOf = (values: Values) => ({
  wildcard: isYes(values, 'wildcard'),
  destination: itemsIn(values['destination'] ?? '')
    .map((each) => parseAddress(each))
    .filter((each): each is Address => each !== undefined),
  disabled: isYes(values, 'disabled'),
  comment: values['comment'] ?? '',
})
