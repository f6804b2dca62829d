import type { Context } from 'hono'
import { html } from 'hono/html'
import type { DomainName } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { UserRow } from '../../../ports/directory-rows.ts'
import { told } from '../../site/form.ts'
import { asked, badges, pager, searchForm, table } from '../../site/list.ts'
import { type Frame, page } from '../../site/page.ts'
import { type Env, savedText } from '../../site/visit.ts'
import { actorHere, at } from '../page.ts'
import type { AdminParts } from '../parts.ts'
import { bytes } from '../sizes.ts'

/** People of a domain, or of all that the actor manages. */
export async function listUsers(c: Context<Env>, { admin, mail }: AdminParts, domain?: DomainName) {
  const { frame } = c.var
  const { t } = frame
  const { isGlobal, domains } = actorHere(c)
  const everywhere = isGlobal ? undefined : [...domains]
  const ask = asked(c)
  const found = await admin.findUsers({ domains: domain === undefined ? everywhere : [domain], ...ask })
  const used = new Map<AccountId, number>()
  for (const { account } of found.rows) used.set(account, (await mail.usage(account)).usedBytes)
  const rows = table<UserRow>({
    caption: t('nav.users'),
    none: ask.text === '' ? t('users.none') : t('list.nothing-found'),
    rows: found.rows,
    columns: [
      { head: t('users.address'), cell: (user) => nameCell(at(c, '/user/edit', user.address), user) },
      {
        head: t('users.used'),
        cell: ({ account, quotaBytes }) => usedCell(frame, used.get(account) ?? 0, quotaBytes),
      },
      { head: t('users.state'), cell: (user) => stateOf(frame, user) },
      { head: t('users.comment'), cell: ({ comment }) => comment },
    ],
  })
  const links =
    domain === undefined
      ? html`<p class="actions"><a href="${at(c, '/user/leaving')}">${t('users.leaving')}</a>
        <a href="${at(c, '/user/import')}">${t('import.link')}</a></p>`
      : html`<p class="actions">
        <a href="${at(c, '/user/create', domain)}">${t('users.create')}</a>
        <a href="${at(c, '/alias/list', domain)}">${t('domains.aliases')}</a>
      </p>`
  const title = domain === undefined ? t('nav.users') : t('users.of', { domain })
  const saved = told(savedText(c))
  const around = pager(frame, { ...found, keyOf: ({ address }) => address, text: ask.text })
  return c.html(page(frame, title, html`${saved} ${links} ${searchForm(frame, ask.text)} ${rows} ${around}`))
}

const nameCell = (to: string, { address, displayedName, enabled }: UserRow) =>
  html`<a href="${to}"${enabled ? '' : html` class="off"`}>${address}</a>${displayedName && html`<br><span class="hint">${displayedName}</span>`}`

const usedCell = ({ language }: Frame, used: number, quotaBytes: number) =>
  html`<span class="number">${bytes(language, used)} / ${quotaBytes === 0 ? '∞' : bytes(language, quotaBytes)}</span>`

const stateOf = ({ t }: Frame, user: UserRow) =>
  badges([
    !user.enabled && t('users.is-off'),
    user.globalAdmin && t('users.is-admin'),
    user.mustChangePassword && t('users.has-to-change'),
    !user.enableImap && t('users.no-imap'),
    user.allowSpoofing && t('users.any-sender'),
  ])
