import { type Context, Hono } from 'hono'
import { parseAddress } from '../../../lib/address.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { Env } from '../../site/visit.ts'
import { afterwards, again, type Field, readForm, showForm, showMistakes } from '../form.ts'
import { managedDomain } from '../managed.ts'
import { actorHere, at } from '../page.ts'
import { fieldsFor, mistakesIn, passwordFields, settingsOf } from './fields.ts'

const localPart: Field = {
  name: 'localpart',
  label: 'users.localpart',
  kind: 'text',
  more: 'required autocomplete="off" autocapitalize="none"',
}
const newFields = (c: Context<Env>) => [localPart, ...passwordFields, ...fieldsFor(actorHere(c))]

/** Mailu: `/user/create/<domain>`. */
export function createUser(admin: DirectoryAdmin): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/create/:domain', async (c) => {
    const domain = await managedDomain(c, admin)
    if (!domain) return c.notFound()
    const values = {
      quota: domain.maxQuotaBytes > 0 && domain.maxQuotaBytes < 1e9 ? String(domain.maxQuotaBytes) : '1G',
      enabled: 'yes',
      mustChangePassword: 'yes',
      enableImap: 'yes',
      enablePop: 'yes',
    }
    return showForm(c, {
      title: c.var.frame.t('users.new', { domain: domain.name }),
      fields: newFields(c),
      values,
    })
  })

  routes.post('/create/:domain', async (c) => {
    const domain = await managedDomain(c, admin)
    if (!domain) return c.notFound()
    const { t } = c.var.frame
    const fields = newFields(c)
    const values = await readForm(c, fields)
    const text = `${values['localpart']}@${domain.name}`
    const address = parseAddress(text)
    const mistakes = {
      ...(!address && { localpart: t('form.no-address', { address: text.slice(0, 100) }) }),
      ...mistakesIn(values, t, true),
    }
    const form = {
      title: t('users.new', { domain: domain.name }),
      fields,
      values: again(fields, values),
    }
    if (!address || Object.keys(mistakes).length > 0) return showMistakes(c, form, mistakes)
    const row = { address, password: values['pw'] ?? '', ...settingsOf(values) }
    const outcome = await admin.add('user', row, actorHere(c).user.address)
    return afterwards(c, outcome, { next: `${at(c, '/user/list', domain.name)}?saved`, form })
  })
  return routes
}
