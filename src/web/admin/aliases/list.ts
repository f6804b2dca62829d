import type { Context } from 'hono'
import { html } from 'hono/html'
import type { DomainName } from '../../../lib/address.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { AliasRow } from '../../../ports/directory-rows.ts'
import { told } from '../../site/form.ts'
import { asked, badges, pager, searchForm, table } from '../../site/list.ts'
import { page } from '../../site/page.ts'
import { type Env, savedText } from '../../site/visit.ts'
import type { Texts } from '../../texts/texts.ts'
import { at } from '../page.ts'

/** Of a domain, or of all that the actor manages. */
export async function listAliases(
  c: Context<Env>,
  admin: DirectoryAdmin,
  domains: readonly DomainName[] | undefined,
  domain?: DomainName,
) {
  const { frame } = c.var
  const { t } = frame
  const ask = asked(c)
  const found = await admin.findAliases({ domains, ...ask })
  const rows = table<AliasRow>({
    caption: t('domains.aliases'),
    none: ask.text === '' ? t('alias-list.none') : t('list.nothing-found'),
    rows: found.rows,
    columns: [
      {
        head: t('users.address'),
        cell: ({ address, disabled }) =>
          html`<a href="${at(c, '/alias/edit', address)}"${disabled ? html` class="off"` : ''}>${address}</a>`,
      },
      { head: t('alias-list.to'), cell: ({ destination }) => shownDestinations(destination, t) },
      { head: t('users.state'), cell: (alias) => stateOf(alias, t) },
      { head: t('users.comment'), cell: ({ comment }) => comment },
    ],
  })
  const create =
    domain === undefined
      ? ''
      : html`<p class="actions"><a href="${at(c, '/alias/create', domain)}">${t('alias-list.create')}</a>
      <a href="${at(c, '/user/list', domain)}">${t('nav.users')}</a></p>`
  const saved = told(savedText(c))
  const title = domain === undefined ? t('domains.aliases') : t('alias-list.of', { domain })
  const around = pager(frame, { ...found, keyOf: ({ address }) => address, text: ask.text })
  return c.html(page(frame, title, html`${saved} ${create} ${searchForm(frame, ask.text)} ${rows} ${around}`))
}

const mostShown = 3

function shownDestinations(destination: readonly string[], t: Texts): string {
  const more = destination.length - mostShown
  const first = destination.slice(0, mostShown).join(', ')
  return more > 0 ? `${first} ${t('alias-list.and-more', { count: more })}` : first
}

const stateOf = ({ wildcard, disabled, owner }: AliasRow, t: Texts) =>
  badges([wildcard && t('alias-list.is-wildcard'), disabled && t('users.is-off'), owner !== '' && owner])
