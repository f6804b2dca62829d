import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { domainOf } from '../../../lib/address.ts'
import type { UserRow } from '../../../ports/directory-rows.ts'
import { type Env, later } from '../../site/visit.ts'
import { linkList } from '../../sso/link-list.ts'
import {
  afterwards,
  again,
  type Form,
  isYes,
  readForm,
  showForm,
  showMistakes,
  type Values,
} from '../form.ts'
import { managedUser } from '../managed.ts'
import { actorHere, at } from '../page.ts'
import type { AdminParts } from '../parts.ts'
import { bytes } from '../sizes.ts'
import { fieldsFor, mistakesIn, passwordFields, settingsOf, valuesOf } from './fields.ts'

const editFields = (c: Context<Env>) => [...fieldsFor(actorHere(c)), ...passwordFields]

/** Mailu: `/user/edit/<email>`. */
export function editUser({ admin, mail, ...links }: AdminParts): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/edit/:address', async (c) => {
    const user = await managedUser(c, admin)
    return user ? showForm(c, await editForm(c, user, valuesOf(user))) : c.notFound()
  })

  routes.post('/edit/:address', async (c) => {
    const user = await managedUser(c, admin)
    if (!user) return c.notFound()
    const { t } = c.var.frame
    const { user: actor } = actorHere(c)
    const values = await readForm(c, editFields(c))
    const mistakes = mistakesIn(values, t, false)
    const form = await editForm(c, user, again(editFields(c), values))
    if (Object.keys(mistakes).length > 0) return showMistakes(c, form, mistakes)
    if (user.address === actor.address && !isYes(values, 'enabled'))
      return showForm(c, { ...form, text: t('users.not-yourself'), status: 422 })
    const password = values['pw'] === '' ? {} : { password: values['pw'] ?? '' }
    const outcome = await admin.set(
      'user',
      user.address,
      { ...settingsOf(values), ...password },
      actor.address,
    )
    return afterwards(c, outcome, { next: `${at(c, '/user/list', domainOf(user.address))}?saved`, form })
  })

  routes.post('/unlink/:address/:id/remove', async (c) => {
    const user = await managedUser(c, admin)
    if (!user) return c.notFound()
    const { user: actor } = actorHere(c)
    const removed = await links.external.unlink(user.account, c.req.param('id'), actor.address)
    if (removed.kind === 'later') return later(c)
    return removed.kind === 'missing' ? c.notFound() : c.redirect(at(c, '/user/edit', user.address), 303)
  })

  async function editForm(c: Context<Env>, user: UserRow, values: Values): Promise<Form> {
    const { t, language } = c.var.frame
    const { usedBytes, messages } = await mail.usage(user.account)
    const to = (page: string) => at(c, `/user/${page}`, user.address)
    const before = html`<p>${t('users.holds', { size: bytes(language, usedBytes), count: messages })}</p>
      <p class="actions">
        <a href="${to('forward')}">${t('nav.forward')}</a>
        <a href="${to('reply')}">${t('nav.reply')}</a>
        <a href="${to('spam')}">${t('nav.spam')}</a>
        <a href="${at(c, '/sessions', user.address)}">${t('nav.sessions')}</a>
      </p>`
    const { account } = user
    const linked = await linkList(c.var.frame, links, { account, at: to('unlink') })
    const after =
      user.address === actorHere(c).user.address
        ? linked
        : html`${linked}<p><a class="error" href="${to('delete')}">${t('users.delete')}</a></p>`
    return { title: user.address, fields: editFields(c), values, before, after }
  }
  return routes
}
