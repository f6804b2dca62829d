import { setTimeout as after } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import { told } from '../../site/form.ts'
import { page } from '../../site/page.ts'
import { type Env, fieldsOf, later } from '../../site/visit.ts'
import { here } from '../settings-page.ts'
import { emptyForm, readFetchForm, settingsOf } from './form.ts'
import { FetchPages, type FetchParts } from './pages.ts'
import { formOf, home } from './views.ts'

/** Each is a stranger's server that we visit every few minutes. */
const mostFetches = 20
/** A visit may take long; a browser does not wait for it. */
const patienceMs = 10_000

/** Mail that is fetched from mailboxes elsewhere. Mailu: `/fetch`. */
export function fetchRoutes(parts: FetchParts): Hono<Env> {
  const { admin } = parts
  const pages = new FetchPages(parts)
  return new Hono<Env>()
    .get('/', (c) => pages.list(c))
    .get('/new', (c) => {
      const { frame } = c.var
      return c.html(page(frame, frame.t('fetches.new'), formOf(frame, home, emptyForm, true)))
    })
    .post('/', (c) => made(c, admin, pages))
    .get('/:id', async (c) => {
      const row = await pages.own(c)
      return row ? pages.one(c, row) : c.notFound()
    })
    .post('/:id', async (c) => {
      const row = await pages.own(c)
      if (!row) return c.notFound()
      const field = await fieldsOf(c)
      const password = field('password')
      const values = readFetchForm(field)
      // Whoever sits at somebody's browser must not have the password sent to a server of his own.
      if (password === '' && values.host !== row.host)
        return pages.one(c, row, told(c.var.frame.t('fetches.password-again'), 'bad'), values)
      const to = { ...settingsOf(values), ...(password !== '' && { password }) }
      const changed = await admin.set('fetch', row.id, to, here(c).address)
      if (changed.kind === 'later') return later(c)
      if (changed.kind === 'refused') return pages.one(c, row, told(changed.text, 'bad'), values)
      const now = await pages.own(c)
      return now ? pages.checked(c, now) : c.notFound()
    })
    .post('/:id/check', async (c) => {
      const row = await pages.own(c)
      return row ? pages.checked(c, row) : c.notFound()
    })
    .post('/:id/run', (c) => ran(c, parts, pages))
    .post('/:id/:how{pause|resume}', (c) => paused(c, parts, pages))
    .post('/:id/delete', async (c) => {
      const row = await pages.own(c)
      if (!row) return c.notFound()
      if ((await admin.delete('fetch', row.id, here(c).address)).kind === 'later') return later(c)
      return c.redirect(home, 303)
    })
}

async function made(c: Context<Env>, admin: DirectoryAdmin, pages: FetchPages) {
  const { frame } = c.var
  const { address } = here(c)
  const field = await fieldsOf(c)
  const values = readFetchForm(field)
  const again = (text: string) => {
    const form = formOf(frame, home, values, true)
    return c.html(page(frame, frame.t('fetches.new'), html`${told(text, 'bad')} ${form}`), 422)
  }
  if ((await pages.rows(c)).length >= mostFetches)
    return again(frame.t('fetches.too-many', { count: mostFetches }))
  const row = { user: address, ...settingsOf(values), password: field('password') }
  const added = await admin.add('fetch', row, address)
  if (added.kind === 'refused') return again(added.text)
  const found = added.kind === 'added' && (await pages.rows(c)).find(({ id }) => id === added.id)
  return found ? pages.checked(c, found) : later(c)
}

async function paused(c: Context<Env>, { admin }: FetchParts, pages: FetchPages) {
  const row = await pages.own(c)
  if (!row) return c.notFound()
  const enabled = c.req.param('how') === 'resume'
  const changed = await admin.set('fetch', row.id, { enabled }, here(c).address)
  return changed.kind === 'later' ? later(c) : c.redirect(`${home}/${row.id}`, 303)
}

async function ran(c: Context<Env>, { fetching }: FetchParts, pages: FetchPages) {
  const row = await pages.own(c)
  if (!row) return c.notFound()
  const { t } = c.var.frame
  const outcome = await Promise.race([fetching.run(row.id), after(patienceMs, undefined)])
  if (outcome?.kind === 'missing') return c.notFound()
  // What went wrong stands beside it.
  if (outcome?.kind === 'failed') return pages.list(c)
  const isOver = outcome?.kind === 'collected'
  return pages.list(c, told(isOver ? t('fetches.got', { count: outcome.taken }) : t('fetches.goes-on')))
}
