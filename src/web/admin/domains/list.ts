import type { Context } from 'hono'
import { html } from 'hono/html'
import type { DomainRow } from '../../../ports/directory-rows.ts'
import { manages } from '../../site/actor.ts'
import { told } from '../../site/form.ts'
import { searchForm, table } from '../../site/list.ts'
import { page } from '../../site/page.ts'
import { type Env, savedText } from '../../site/visit.ts'
import { actorHere, at } from '../page.ts'
import type { AdminParts } from '../parts.ts'
import { bytes } from '../sizes.ts'

/** Those that the actor manages, with how full they are. */
export async function listDomains(c: Context<Env>, { admin }: AdminParts) {
  const { frame } = c.var
  const { t, language } = frame
  const actor = actorHere(c)
  const text = (c.req.query('q') ?? '').trim().toLowerCase()
  const has = ({ name, alternatives, comment }: DomainRow) =>
    [name, ...alternatives, comment].some((each) => each.toLowerCase().includes(text))
  const rows = (await admin.domains()).filter((row) => manages(actor, row.name) && has(row))
  const counts = new Map((await admin.counts()).map((each) => [each.domain, each]))
  const ofMost = (n: number, most: number) => (most < 0 ? String(n) : `${n} / ${most}`)
  const list = table<DomainRow>({
    caption: t('nav.domains'),
    none: text === '' ? t('domains.none') : t('list.nothing-found'),
    rows,
    columns: [
      { head: t('domains.name'), cell: (row) => nameCell(c, row) },
      {
        head: t('nav.users'),
        cell: ({ name, maxUsers }) =>
          html`<a href="${at(c, '/user/list', name)}">${ofMost(counts.get(name)?.users ?? 0, maxUsers)}</a>`,
      },
      {
        head: t('domains.aliases'),
        cell: ({ name, maxAliases }) =>
          html`<a href="${at(c, '/alias/list', name)}">${ofMost(counts.get(name)?.aliases ?? 0, maxAliases)}</a>`,
      },
      {
        head: t('domains.managers'),
        cell: ({ name }) => html`<a href="${at(c, '/manager/list', name)}">${t('domains.show')}</a>`,
      },
      {
        head: t('aliases.title'),
        cell: ({ name }) => html`<a href="${at(c, '/access/list', name)}">${t('domains.show')}</a>`,
      },
      {
        head: t('domains.max-quota-short'),
        cell: ({ maxQuotaBytes }) => (maxQuotaBytes === 0 ? '∞' : bytes(language, maxQuotaBytes)),
      },
      { head: t('domains.comment'), cell: ({ comment }) => comment },
    ],
  })
  const create = html`<p class="actions"><a href="${at(c, '/domain/create')}">${t('domains.create')}</a></p>`
  const saved = told(savedText(c))
  return c.html(
    page(
      frame,
      t('nav.domains'),
      html`${saved} ${actor.isGlobal ? create : ''} ${searchForm(frame, text)} ${list}`,
    ),
  )
}

function nameCell(c: Context<Env>, { name, alternatives }: DomainRow) {
  const { isGlobal } = actorHere(c)
  const shown = isGlobal ? html`<a href="${at(c, '/domain/edit', name)}">${name}</a>` : name
  return html`${shown}${alternatives.map((other) => html`<br><span class="hint">= ${other}</span>`)}`
}
