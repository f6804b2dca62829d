import { type Context, Hono } from 'hono'
import { html, raw } from 'hono/html'
import { type DomainName, parseDomain } from '../../../lib/address.ts'
import { manages } from '../../site/actor.ts'
import { table } from '../../site/list.ts'
import { page } from '../../site/page.ts'
import type { Env } from '../../site/visit.ts'
import { actorHere, at } from '../page.ts'
import type { OpsParts } from './parts.ts'
import { dmarcView, tlsView } from './reports-views.ts'

type Parts = Pick<OpsParts, 'reports' | 'admin'>

const dayMs = 86_400_000
const periods = [7, 30, 90, 365] as const
const usualDays = 30

/** What other servers say of our mail. */
export function reportRoutes(parts: Parts): Hono<Env> {
  return new Hono<Env>()
    .get('/', (c) => list(c, parts))
    .get('/:domain', async (c) => {
      const domain = parseDomain(c.req.param('domain'))
      const isOurs = (await parts.admin.domains()).some(({ name }) => name === domain)
      if (domain === undefined || !isOurs || !manages(actorHere(c), domain)) return c.notFound()
      return one(c, parts, domain)
    })
}

async function list(c: Context<Env>, { reports, admin }: Parts) {
  const { frame } = c.var
  const { t } = frame
  const actor = actorHere(c)
  const since = Date.now() - usualDays * dayMs
  const [dmarc, tls] = await Promise.all([
    reports.dmarc({ domain: undefined, since }),
    reports.tls({ domain: undefined, since }),
  ])
  const rows = (await admin.domains()).filter(({ name }) => manages(actor, name))
  const home = at(c, '/reports')
  const of = (part: number, all: number | undefined) =>
    all === undefined || all === 0 ? '–' : t('reports.of', { part, all })
  const content = html`<p>${t('reports.about')}</p>
      ${table({
        caption: t('nav.reports'),
        none: t('domains.none'),
        rows: rows.map(({ name }) => ({
          name,
          dmarc: dmarc.find(({ domain }) => domain === name),
          tls: tls.find(({ domain }) => domain === name),
        })),
        columns: [
          { head: t('domains.name'), cell: ({ name }) => html`<a href="${home}/${name}">${name}</a>` },
          {
            head: t('reports.proven'),
            cell: (row) => of(row.dmarc?.passed ?? 0, row.dmarc?.messages),
          },
          {
            head: t('reports.encrypted'),
            cell: (row) => of((row.tls?.sessions ?? 0) - (row.tls?.failed ?? 0), row.tls?.sessions),
          },
        ],
      })}
      <p class="hint">${t('reports.last', { count: usualDays })}</p>`
  return c.html(page(frame, t('nav.reports'), content))
}

async function one(c: Context<Env>, { reports }: Parts, domain: DomainName) {
  const { frame } = c.var
  const { t } = frame
  const days = periods.find((each) => String(each) === c.req.query('days')) ?? usualDays
  const until = Date.now()
  const since = until - days * dayMs
  const [[dmarc], [tls]] = await Promise.all([
    reports.dmarc({ domain, since }),
    reports.tls({ domain, since }),
  ])
  const dns = `${at(c, '/dns')}/${domain}`
  const content = html`<p class="actions">${periods.map(
    (each) =>
      html`<a href="?days=${each}"${raw(each === days ? ' aria-current="true"' : '')}>${t('reports.days', { count: each })}</a> `,
  )}</p>
      ${dmarc ? dmarcView(frame, dmarc, { since, until, dns }) : ''}
      ${tls ? tlsView(frame, tls, { since, until, dns }) : ''}`
  return c.html(page(frame, t('reports.on', { domain }), content))
}
