import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type DomainName, domainOf, parseDomain } from '../../../lib/address.ts'
import { parseOldServer } from '../../../lib/old-server.ts'
import { parseSize, sizeText } from '../../../lib/typed-size.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { DomainRow, DomainSettings } from '../../../ports/directory-rows.ts'
import { input, itemsIn, told } from '../../site/form.ts'
import { page } from '../../site/page.ts'
import { type Env, fieldsOf, later } from '../../site/visit.ts'
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
import { actorHere, at, globalAdminsOnly } from '../page.ts'

const nameField: Field = {
  name: 'name',
  label: 'domains.name',
  kind: 'text',
  more: 'required autocomplete="off" autocapitalize="none"',
}
const fields: readonly Field[] = [
  {
    name: 'maxUsers',
    label: 'domains.max-users',
    kind: 'number',
    hint: 'domains.max-hint',
    more: 'min="-1" required',
  },
  {
    name: 'maxAliases',
    label: 'domains.max-aliases',
    kind: 'number',
    hint: 'domains.max-hint',
    more: 'min="-1" required',
  },
  { name: 'maxQuota', label: 'domains.max-quota', kind: 'text', hint: 'users.quota-hint', more: 'required' },
  { name: 'alternatives', label: 'domains.alternatives', kind: 'lines', hint: 'domains.alternatives-hint' },
  { name: 'signupEnabled', label: 'domains.signup', kind: 'check' },
  { name: 'anonmailEnabled', label: 'domains.anonmail', kind: 'check' },
  {
    name: 'oldServer',
    label: 'domains.old-server',
    kind: 'text',
    hint: 'domains.old-server-hint',
    more: 'maxlength="255" autocomplete="off" autocapitalize="none" spellcheck="false"',
  },
  { name: 'comment', label: 'domains.comment', kind: 'text', more: 'maxlength="255"' },
]
const newFields = [nameField, ...fields]
/** Mailu's: a new domain is small until somebody says otherwise. */
const standard: Values = { maxUsers: '10', maxAliases: '10', maxQuota: '0' }

/** Mailu: `/domain/create`, `/domain/edit/<d>`, `/domain/delete/<d>`; its pages of alternatives are a field here. */
export function domainForms(admin: DirectoryAdmin): Hono<Env> {
  const routes = new Hono<Env>()
  for (const path of ['/create', '/edit/*', '/delete/*']) routes.use(path, globalAdminsOnly)

  routes.get('/create', (c) => showForm(c, newForm(c, standard)))
  routes.post('/create', async (c) => {
    const { t } = c.var.frame
    const values = await readForm(c, newFields)
    const name = parseDomain(values['name'] ?? '')
    const mistakes = { ...(!name && { name: t('domains.no-name') }), ...mistakesIn(values, t) }
    const form = newForm(c, values)
    if (!name || Object.keys(mistakes).length > 0) return showMistakes(c, form, mistakes)
    const outcome = await admin.add('domain', { name, ...settingsOf(values) }, actorHere(c).user.address)
    return afterwards(c, outcome, { next: at(c, '/domain?saved'), form })
  })

  routes.get('/edit/:domain', async (c) => {
    const domain = await managedDomain(c, admin)
    return domain ? showForm(c, editForm(c, domain, valuesOf(domain))) : c.notFound()
  })
  routes.post('/edit/:domain', async (c) => {
    const domain = await managedDomain(c, admin)
    if (!domain) return c.notFound()
    const { t } = c.var.frame
    const values = await readForm(c, fields)
    const mistakes = mistakesIn(values, t)
    const form = editForm(c, domain, values)
    if (Object.keys(mistakes).length > 0) return showMistakes(c, form, mistakes)
    const outcome = await admin.set('domain', domain.name, settingsOf(values), actorHere(c).user.address)
    return afterwards(c, outcome, { next: at(c, '/domain?saved'), form })
  })

  routes.get('/delete/:domain', async (c) => {
    const domain = await managedDomain(c, admin)
    return domain ? confirmation(c, domain) : c.notFound()
  })
  routes.post('/delete/:domain', async (c) => {
    const domain = await managedDomain(c, admin)
    if (!domain) return c.notFound()
    const typed = parseDomain((await fieldsOf(c))('name').trim())
    const { user: actor } = actorHere(c)
    const { t } = c.var.frame
    if (typed !== domain.name) return confirmation(c, domain, t('domains.type-it'))
    if (domainOf(actor.address) === domain.name) return confirmation(c, domain, t('domains.your-own'))
    const done = await admin.delete('domain', domain.name, actor.address)
    return done.kind === 'later' ? later(c) : c.redirect(at(c, '/domain'), 303)
  })

  /** There is no way back: so it is typed, not clicked. */
  async function confirmation(c: Context<Env>, { name }: DomainRow, mistake?: string) {
    const { frame } = c.var
    const { t } = frame
    const inside = (await admin.counts()).find(({ domain }) => domain === name)
    const content = html`${told(mistake, 'bad')}
      <form class="panel" method="post">
        <p>${t('domains.delete-what', { count: inside?.users ?? 0 })}</p>
        ${input({ name: 'name', label: t('domains.type-name', { domain: name }), more: 'required autocomplete="off"' })}
        <p><button class="bad">${t('domains.delete')}</button></p>
      </form>
      <p><a href="${at(c, '/domain/edit', name)}">${t('form.cancel')}</a></p>`
    return c.html(page(frame, t('domains.delete-title', { domain: name }), content), mistake ? 422 : 200)
  }
  return routes
}

const newForm = (c: Context<Env>, values: Values): Form => ({
  title: c.var.frame.t('domains.create'),
  fields: newFields,
  values,
})

function editForm(c: Context<Env>, { name }: DomainRow, values: Values): Form {
  const { t } = c.var.frame
  const before = html`<p class="actions"><a href="${at(c, '/user/list', name)}">${t('nav.users')}</a>
        <a href="${at(c, '/alias/list', name)}">${t('domains.aliases')}</a>
        <a href="${at(c, '/manager/list', name)}">${t('domains.managers')}</a>
        <a href="${at(c, '/access/list', name)}">${t('aliases.title')}</a></p>`
  const after = html`<p><a class="error" href="${at(c, '/domain/delete', name)}">${t('domains.delete')}</a></p>`
  return { title: name, fields, values, before, after }
}

const valuesOf = (domain: DomainRow): Values => ({
  maxUsers: String(domain.maxUsers),
  maxAliases: String(domain.maxAliases),
  maxQuota: sizeText(domain.maxQuotaBytes),
  alternatives: domain.alternatives.join('\n'),
  signupEnabled: yesIf(domain.signupEnabled),
  anonmailEnabled: yesIf(domain.anonmailEnabled),
  oldServer: domain.oldServer,
  comment: domain.comment,
})

const isCount = (text = '') => /^(?:-1|\d{1,9})$/.test(text)

function mistakesIn(
  { maxUsers, maxAliases, maxQuota = '', alternatives = '', oldServer = '' }: Values,
  t: Texts,
): Mistakes {
  const wrong = itemsIn(alternatives).find((each) => parseDomain(each) === undefined)
  return {
    ...(!isCount(maxUsers) && { maxUsers: t('domains.no-count') }),
    ...(!isCount(maxAliases) && { maxAliases: t('domains.no-count') }),
    ...(parseSize(maxQuota) === undefined && { maxQuota: t('users.no-size') }),
    ...(oldServer !== '' && !parseOldServer(oldServer) && { oldServer: t('domains.no-old-server') }),
    ...(wrong !== undefined && { alternatives: t('domains.no-domain', { name: wrong.slice(0, 100) }) }),
  }
}

/** Of values without a mistake. */
const settingsOf = (values: Values): DomainSettings => ({
  maxUsers: Number(values['maxUsers']),
  maxAliases: Number(values['maxAliases']),
  maxQuotaBytes: parseSize(values['maxQuota'] ?? '') ?? 0,
  alternatives: [...new Set(itemsIn(values['alternatives'] ?? '').map((each) => parseDomain(each)))].filter(
    (name): name is DomainName => name !== undefined,
  ),
  signupEnabled: isYes(values, 'signupEnabled'),
  anonmailEnabled: isYes(values, 'anonmailEnabled'),
  oldServer: values['oldServer'] ?? '',
  comment: values['comment'] ?? '',
})
