import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { QueueId } from '../../../ports/outgoing-queue.ts'
import { told } from '../../site/form.ts'
import { asked, pager } from '../../site/list.ts'
import { page } from '../../site/page.ts'
import { type Env, later } from '../../site/visit.ts'
import { actorHere, at } from '../page.ts'
import type { OpsParts } from './parts.ts'
import { lookThrough, type QueueSearch, type RowState } from './queue-rows.ts'
import {
  actionButtons,
  destinationTable,
  dropPage,
  type QueueAction,
  queueActions,
  rowPage,
  rowTable,
  searchOf,
} from './queue-views.ts'

type Parts = Pick<OpsParts, 'queue' | 'admin'>

const states: readonly string[] = ['held', 'failing', 'new'] satisfies RowState[]
const stateNamed = (text = '') => (states.includes(text) ? (text as RowState) : undefined)
const mostDestinations = 20
const idsPerChange = 1_000

const done: Readonly<Record<QueueAction, string>> = {
  retry: 'queue.retried',
  hold: 'queue.were-held',
  release: 'queue.released',
  drop: 'queue.dropped',
}

/** Mail that waits for other servers. */
export function queueRoutes(parts: Parts): Hono<Env> {
  const { queue } = parts
  return new Hono<Env>()
    .get('/', (c) => list(c, parts))
    .post('/', (c) => change(c, parts))
    .get('/:id{[0-9]{1,15}}', async (c) => {
      const id = Number(c.req.param('id'))
      const [row] = await queue.list(id - 1, 1)
      if (row?.id !== id) return c.notFound()
      const { frame } = c.var
      const places = { home: at(c, '/queue'), history: at(c, '/history'), now: Date.now() }
      const content = rowPage(frame, row, await queue.message(row.message), places)
      return c.html(page(frame, frame.t('queue.one', { number: id }), content))
    })
}

async function list(c: Context<Env>, { queue }: Parts) {
  const { frame } = c.var
  const { t } = frame
  const { text, from, most } = asked(c)
  const search = { text, state: stateNamed(c.req.query('state')) }
  const { found, destinations, total, isCut } = await lookThrough(queue, search)
  const first =
    'before' in from
      ? Math.max(0, found.findIndex(({ id }) => id >= Number(from.before)) - most)
      : Math.max(
          0,
          found.findIndex(({ id }) => id > Number(from.after)),
        )
  const rows = found.slice(first, first + most)
  const now = Date.now()
  const around = pager(frame, {
    rows,
    isFirst: first === 0,
    isLast: first + most >= found.length,
    keyOf: ({ id }) => id,
    text,
    ...(search.state && { more: { state: search.state } }),
  })
  const isAll = text === '' && search.state === undefined
  const home = at(c, '/queue')
  const content = html`${told(resultOf(c))}
      ${isCut ? html`<p class="hint">${t('queue.cut', { count: total })}</p>` : ''}
      ${isAll ? destinationTable(frame, destinations.slice(0, mostDestinations), now) : ''}
      ${
        total === 0
          ? ''
          : html`${searchOf(frame, search)}
      <form method="post" action="${home}">
        ${rowTable(frame, rows, home, now)}
        ${
          rows.length === 0
            ? ''
            : html`<input type="hidden" name="q" value="${text}"><input type="hidden" name="state" value="${search.state ?? ''}">
        <label class="check"><input type="checkbox" name="all" value="yes"><span>${t('queue.all-found', { count: found.length })}</span></label>
        ${actionButtons(frame, queueActions)}`
        }
      </form>
      ${around}`
      }`
  return c.html(page(frame, t('nav.queue'), content))
}

function resultOf(c: Context<Env>): string | undefined {
  const { did = '', n = '' } = c.req.query()
  const key = Object.hasOwn(done, did) ? done[did as QueueAction] : undefined
  return key && c.var.frame.t(key, { count: Number.parseInt(n, 10) || 0 })
}

interface Chosen extends QueueSearch {
  readonly action: QueueAction
  readonly ids: readonly QueueId[]
  /** Everything that the search finds. */
  readonly isAll: boolean
  readonly isSure: boolean
}

async function change(c: Context<Env>, { queue, admin }: Parts) {
  const { frame } = c.var
  const home = at(c, '/queue')
  const chosen = await chosenIn(c)
  if (!chosen) return c.redirect(home, 303)
  const { action, isAll, isSure, ...search } = chosen
  const ids = isAll ? (await lookThrough(queue, search)).found.map(({ id }) => id) : chosen.ids
  if (action === 'drop' && !isSure && ids.length > 0) {
    // what was found is named: what comes meanwhile is not thrown away unseen
    return c.html(page(frame, frame.t('queue.drop'), dropPage(frame, { home, ids })))
  }
  let count = 0
  for (let from = 0; from < ids.length; from += idsPerChange) {
    const changed = await queue[action](ids.slice(from, from + idsPerChange))
    if (changed.kind === 'later') return later(c)
    count += changed.count
  }
  if (count > 0) await record(admin, { action, ids, actor: actorHere(c).user.address })
  const query = new URLSearchParams({
    did: action,
    n: String(count),
    q: search.text,
    state: search.state ?? '',
  })
  return c.redirect(`${home}?${query.toString()}`, 303)
}

async function chosenIn(c: Context<Env>): Promise<Chosen | undefined> {
  const body = await c.req.parseBody({ all: true })
  const texts = (name: string) => [body[name]].flat().filter((each) => typeof each === 'string')
  const action = queueActions.find((name) => name === texts('do')[0])
  if (!action) return undefined
  const ids = [...texts('id'), ...texts('ids').flatMap((list) => list.split(','))]
    .map(Number)
    .filter((id) => Number.isSafeInteger(id) && id > 0)
  const [text = '', state] = [texts('q')[0], stateNamed(texts('state')[0])]
  return { action, ids, text, state, isAll: texts('all')[0] === 'yes', isSure: texts('sure')[0] === 'yes' }
}

const mostNamed = 20

function record(
  admin: Parts['admin'],
  { action, ids, actor }: { action: QueueAction; ids: readonly QueueId[]; actor: string },
) {
  const more = ids.length > mostNamed ? ` … ${ids.length}` : ''
  return admin.record(
    {
      on: 'queue',
      key: `${ids.slice(0, mostNamed).join(', ')}${more}`,
      did: action === 'drop' ? 'deleted' : 'modified',
      columns: [{ column: 'done', from: undefined, to: action }],
    },
    actor,
  )
}
