import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { AliasRow } from '../../ports/directory-rows.ts'
import { allowedDomains, makeOwnAlias, mostOwnAliases, ownAliases } from '../own-aliases/make.ts'
import { input, told } from '../site/form.ts'
import { dayOf } from '../site/moment.ts'
import { type Content, type Frame, page } from '../site/page.ts'
import { type Env, fieldsOf, later } from '../site/visit.ts'
import { here } from './settings-page.ts'

const home = '/account/aliases'
const longestNote = 250

interface AliasParts {
  readonly admin: DirectoryAdmin
  /** ANONMAIL_MAX_RETRIES */
  readonly aliasTries: number
}

/** Addresses for web sites, one each: what is sold on is seen, and switched off alone. Mailu: anonymous aliases. */
export function aliasRoutes({ admin, aliasTries: tries }: AliasParts): Hono<Env> {
  return new Hono<Env>()
    .get('/', (c) => listPage(c, admin))
    .post('/', async (c) => {
      const { t } = c.var.frame
      const user = here(c)
      const field = await fieldsOf(c)
      const wanted = {
        hostname: field('hostname').trim().slice(0, longestNote),
        note: field('note').trim().slice(0, longestNote),
      }
      if ((await ownAliases(admin, user)).length >= mostOwnAliases)
        return listPage(c, admin, { mistake: t('aliases.too-many', { count: mostOwnAliases }), ...wanted })
      const made = await makeOwnAlias(admin, user, { ...wanted, tries })
      switch (made.kind) {
        case 'made':
          return c.redirect(`${home}?made=${encodeURIComponent(made.address)}`, 303)
        case 'later':
          return later(c)
        case 'no-domain':
          return listPage(c, admin, { mistake: t('aliases.no-domain'), ...wanted })
        case 'refused':
          return listPage(c, admin, { mistake: made.text, ...wanted })
      }
    })
    .post('/change', async (c) => {
      const field = await fieldsOf(c)
      const user = here(c)
      const alias = (await ownAliases(admin, user)).find((row) => row.address === field('alias'))
      if (!alias) return c.notFound()
      const done =
        field('do') === 'delete'
          ? await admin.delete('alias', alias.address, user.address)
          : await admin.set('alias', alias.address, { disabled: field('do') === 'disable' }, user.address)
      if (done.kind === 'later') return later(c)
      return done.kind === 'missing' ? c.notFound() : c.redirect(home, 303)
    })
}

interface Asked {
  readonly mistake?: string
  readonly hostname?: string
  readonly note?: string
}

async function listPage(c: Context<Env>, admin: DirectoryAdmin, asked: Asked = {}) {
  const { frame } = c.var
  const { t } = frame
  const user = here(c)
  const rows = await ownAliases(admin, user)
  const mayMake = (await allowedDomains(admin, user)).length > 0
  const made = rows.find(({ address }) => address === c.req.query('made'))
  const content = html`${told(asked.mistake, 'bad')} ${told(made && t('aliases.made', { address: made.address }))}
      <p>${t('aliases.what')}</p>
      ${rows.length === 0 ? '' : html`<ul class="panel list">${rows.map((each) => row(frame, each))}</ul>`}
      ${mayMake ? form(frame, asked) : html`<p>${t('aliases.no-domain')}</p>`}`
  return c.html(page(frame, t('aliases.title'), content), asked.mistake === undefined ? 200 : 422)
}

function row(frame: Frame, { address, hostname, comment, createdAt, disabled }: AliasRow): Content {
  const { t } = frame
  const about = [hostname, comment, t('aliases.since', { date: dayOf(frame, createdAt) })]
  const button = (what: string, text: string, look: string) =>
    html`<button class="${look}" name="do" value="${what}">${text}</button>`
  return html`
        <li>
          <div><strong>${address}</strong>${disabled ? html` <span class="mark plain">${t('account.off')}</span>` : ''}
            <p class="hint">${about.filter((each) => each !== '').join(' · ')}</p></div>
          <form class="buttons" method="post" action="${home}/change">
            <input type="hidden" name="alias" value="${address}">
            ${disabled ? button('enable', t('aliases.enable'), 'quiet') : button('disable', t('aliases.disable'), 'quiet')}
            ${button('delete', t('aliases.delete'), 'bad')}
          </form>
        </li>`
}

const form = ({ t }: Frame, { hostname = '', note = '' }: Asked) =>
  html`<h2>${t('aliases.new')}</h2>
      <form class="panel" method="post" action="${home}">
        ${input({ name: 'hostname', label: t('aliases.hostname'), value: hostname, hint: t('aliases.hostname-hint'), more: 'maxlength="250"' })}
        ${input({ name: 'note', label: t('aliases.note'), value: note, more: 'maxlength="250"' })}
        <button>${t('aliases.make')}</button>
      </form>`
