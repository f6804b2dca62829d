import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type DomainName, parseDomain } from '../../lib/address.ts'
import type { UserRow } from '../../ports/directory-rows.ts'
import { manages } from '../site/actor.ts'
import { asked, pager, searchForm, table } from '../site/list.ts'
import { page } from '../site/page.ts'
import type { Env } from '../site/visit.ts'
import { actorHere } from './page.ts'
import type { AdminParts } from './parts.ts'
import { bytes } from './sizes.ts'

/** People, to those who manage their domains. Mailu: `/user`. */
export function userRoutes(parts: AdminParts): Hono<Env> {
  return new Hono<Env>()
    .get('/', (c) => {
      const { isGlobal, domains } = actorHere(c)
      return list(c, parts, isGlobal ? undefined : [...domains])
    })
    .get('/list/:domain', (c) => {
      const domain = parseDomain(c.req.param('domain'))
      return domain !== undefined && manages(actorHere(c), domain) ? list(c, parts, [domain]) : c.notFound()
    })
}

async function list(
  c: Context<Env>,
  { admin, mail }: AdminParts,
  domains: readonly DomainName[] | undefined,
) {
  const { frame } = c.var
  const { t, language } = frame
  const ask = asked(c)
  const found = await admin.findUsers({ domains, ...ask })
  const used = new Map(
    await Promise.all(
      found.rows.map(async ({ account }) => [account, (await mail.usage(account)).usedBytes] as const),
    ),
  )
  const rows = table<UserRow>({
    caption: t('nav.users'),
    none: ask.text === '' ? t('users.none') : t('list.nothing-found'),
    rows: found.rows,
    columns: [
      {
        head: t('users.address'),
        cell: ({ address, displayedName, enabled }) =>
          html`<span${enabled ? '' : html` class="off"`}>${address}</span>${displayedName && html`<br><span class="hint">${displayedName}</span>`}`,
      },
      {
        head: t('users.used'),
        cell: ({ account, quotaBytes }) =>
          html`<span class="number">${bytes(language, used.get(account) ?? 0)} / ${quotaBytes === 0 ? '∞' : bytes(language, quotaBytes)}</span>`,
      },
      { head: t('users.comment'), cell: ({ comment }) => comment },
    ],
  })
  const title = domains?.length === 1 && domains[0] ? t('users.of', { domain: domains[0] }) : t('nav.users')
  const around = pager(frame, { ...found, keyOf: ({ address }) => address, text: ask.text })
  return c.html(page(frame, title, html`${searchForm(frame, ask.text)} ${rows} ${around}`))
}
