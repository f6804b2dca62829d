import { setTimeout as after } from 'node:timers/promises'
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { FetchRow } from '../../../ports/directory-rows.ts'
import { placeOf, stateOf } from '../../account/fetches/views.ts'
import { postButton, told } from '../../site/form.ts'
import { asked, pager, rowsPerPage, searchForm, table } from '../../site/list.ts'
import { page } from '../../site/page.ts'
import type { Env } from '../../site/visit.ts'
import { at } from '../page.ts'
import type { OpsParts } from './parts.ts'

/** A visit may take long; a browser does not wait for it. */
const patienceMs = 10_000

/** All mailboxes elsewhere, and how the last visit went. */
export function fetchRoutes({ admin, fetching }: Pick<OpsParts, 'admin' | 'fetching'>): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const { frame } = c.var
      const { t } = frame
      const { text, from } = asked(c)
      const all = (await admin.fetches()).filter((row) => matches(row, text))
      const { rows, isFirst, isLast } = pageOf(all, from)
      const tallies = (await fetching?.tallies(rows.map(({ id }) => id))) ?? new Map()
      const list = table<FetchRow>({
        caption: t('nav.fetches'),
        none: t('fetches.none'),
        rows,
        columns: [
          { head: t('users.address'), cell: ({ user }) => user },
          { head: t('fetches.from'), cell: placeOf },
          { head: t('users.state'), cell: (row) => stateOf(frame, row, tallies.get(row.id)) || '' },
          {
            head: t('fetches.run'),
            cell: ({ id }) =>
              fetching ? postButton(`${at(c, '/fetches', `${id}`)}/run`, t('fetches.run'), 'quiet') : '',
          },
        ],
      })
      const going = c.req.query('begun') === undefined ? undefined : t('fetches.goes-on')
      const pages = pager<FetchRow>(frame, { rows, isFirst, isLast, keyOf: ({ id }) => id, text })
      return c.html(
        page(frame, t('nav.fetches'), html`${told(going)} ${searchForm(frame, text)} ${list} ${pages}`),
      )
    })
    .post('/:id/run', async (c) => {
      const ran = await Promise.race([fetching?.run(Number(c.req.param('id'))), after(patienceMs, 'begun')])
      if (ran === undefined || (typeof ran === 'object' && ran.kind === 'missing')) return c.notFound()
      return c.redirect(ran === 'begun' ? `${at(c, '/fetches')}?begun` : at(c, '/fetches'), 303)
    })
}

const matches = ({ user, host, username, error }: FetchRow, text: string) =>
  [user, host, username, error].some((one) => one.toLowerCase().includes(text.toLowerCase()))

function pageOf(all: readonly FetchRow[], from: { readonly before?: string; readonly after?: string }) {
  const index =
    from.before === undefined
      ? all.findIndex(({ id }) => id > Number(from.after || 0))
      : Math.max(0, all.findIndex(({ id }) => id >= Number(from.before)) - rowsPerPage)
  const start = index < 0 ? all.length : index
  const rows = all.slice(start, start + rowsPerPage)
  return { rows, isFirst: start === 0, isLast: start + rows.length >= all.length }
}
