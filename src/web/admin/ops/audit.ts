import { Hono } from 'hono'
import { html } from 'hono/html'
import type { AuditRow, ColumnChange } from '../../../ports/directory-rows.ts'
import { rowsPerPage, table } from '../../site/list.ts'
import { moment } from '../../site/moment.ts'
import { type Content, type Frame, page } from '../../site/page.ts'
import type { Env } from '../../site/visit.ts'
import type { OpsParts } from './parts.ts'

const mostColumns = 12
const longestValue = 120

const deeds: Readonly<Record<AuditRow['did'], string>> = {
  created: 'audit.created',
  modified: 'audit.modified',
  deleted: 'audit.deleted',
}

/** Who changed what. */
export function auditRoutes({ admin }: Pick<OpsParts, 'admin'>): Hono<Env> {
  return new Hono<Env>().get('/', async (c) => {
    const { frame } = c.var
    const { t } = frame
    const { who = '', what = '', before = '' } = c.req.query()
    const last = /^\d{1,15}$/.test(before) ? Number(before) : undefined
    const rows = await admin.audit(last, { who: who.trim(), what: what.trim(), atMost: rowsPerPage })
    const next = rows.length < rowsPerPage ? undefined : rows.at(-1)
    const query = new URLSearchParams({ who, what, before: String(next?.id) })
    const content = html`<form class="search" role="search">
        <div><label for="who">${t('audit.who')}</label>
        <input id="who" name="who" type="search" value="${who}" maxlength="200"></div>
        <div><label for="what">${t('audit.what')}</label>
        <input id="what" name="what" type="search" value="${what}" maxlength="200"></div>
        <button class="quiet">${t('list.find')}</button>
      </form>
      ${rowTable(frame, rows)}
      ${next ? html`<p class="actions"><a href="?${query.toString()}" rel="next">${t('list.after')}</a></p>` : ''}`
    return c.html(page(frame, t('nav.audit'), content))
  })
}

function rowTable(frame: Frame, rows: readonly AuditRow[]): Content {
  const { t } = frame
  return table<AuditRow>({
    caption: t('nav.audit'),
    none: t('list.nothing-found'),
    rows,
    columns: [
      {
        head: t('audit.what'),
        cell: ({ on, key, did }) =>
          html`<span class="badge">${on}</span> ${key.slice(0, 320)} <span class="hint">${t(deeds[did])}</span>`,
      },
      { head: t('audit.who'), cell: ({ actor }) => actor },
      { head: t('audit.when'), cell: ({ at }) => html`<span class="hint">${moment(frame, at)}</span>` },
      { head: t('audit.changes'), cell: ({ columns }) => changesOf(columns) },
    ],
  })
}

function changesOf(columns: readonly ColumnChange[]): Content {
  if (columns.length === 0) return ''
  const shown = columns.slice(0, mostColumns)
  return html`<span>${shown.map(
    ({ column, from, to }) =>
      html`<span class="change">${column}: ${valueText(from)} → ${valueText(to)}</span> `,
  )}${columns.length > shown.length ? '…' : ''}</span>`
}

function valueText(value: unknown): string {
  const text = value === undefined ? '–' : (JSON.stringify(value) ?? '–')
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}
