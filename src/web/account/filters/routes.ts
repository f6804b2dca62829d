import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { SieveProblem } from '../../../ports/sieve.ts'
import type { ScriptEntry } from '../../../ports/sieve-scripts.ts'
import { told } from '../../site/form.ts'
import { moment } from '../../site/moment.ts'
import { type Content, type Frame, page } from '../../site/page.ts'
import { type Env, fieldsOf, later } from '../../site/visit.ts'
import { here } from '../settings-page.ts'
import { editor, editPath } from './editor.ts'
import { type FilterParts, keepScript, record } from './keeping.ts'
import { rehearser } from './rehearsal.ts'

const home = '/account/filters'

/** Rules in Sieve: as many scripts as one likes, one of them active. */
export function filterRoutes(parts: FilterParts): Hono<Env> {
  const { scripts } = parts
  const rehearse = rehearser(parts)
  return new Hono<Env>()
    .get('/', (c) => listPage(c, parts))
    .get('/new', (c) => {
      const { t } = c.var.frame
      return c.html(
        editor(c.var.frame, { name: t('filters.first-name'), text: t('filters.example'), isNew: true }),
      )
    })
    .get('/edit', async (c) => {
      const name = c.req.query('name') ?? ''
      // Where the language was changed on a page that a form had made.
      if (name === '') return c.redirect(home, 303)
      const text = await scripts.get(here(c).account, name)
      if (text === undefined) return c.notFound()
      const said = c.req.query('saved') === undefined ? {} : { said: c.var.frame.t('form.saved') }
      return c.html(editor(c.var.frame, { name, text, isNew: false, ...said }))
    })
    .post('/edit', async (c) => {
      const field = await fieldsOf(c)
      const asked = { name: field('name').trim(), text: field('text'), isNew: field('new') === 'yes' }
      if (field('do') === 'rehearse') return rehearse(c, asked)
      return keepScript(c, parts, { ...asked, activate: field('do') === 'activate' })
    })
    .route('/', changes(parts))
}

/** What the buttons of the list do. */
function changes(parts: FilterParts): Hono<Env> {
  const { scripts } = parts
  return new Hono<Env>()
    .post('/activate', async (c) => {
      const name = (await fieldsOf(c))('name')
      const done = await scripts.activate(here(c).account, name)
      if (done.kind === 'later') return later(c)
      if (done.kind === 'missing') return c.notFound()
      if (done.kind === 'refused') return broken(c, parts, name, done.errors)
      await record(c, parts.admin, name, { did: 'modified', column: 'active', from: false, to: true })
      return c.redirect(home, 303)
    })
    .post('/deactivate', async (c) => {
      const { account } = here(c)
      const active = (await scripts.list(account)).find((entry) => entry.active)
      if ((await scripts.deactivate(account)).kind === 'later') return later(c)
      if (active)
        await record(c, parts.admin, active.name, {
          did: 'modified',
          column: 'active',
          from: true,
          to: false,
        })
      return c.redirect(home, 303)
    })
    .post('/rename', async (c) => {
      const field = await fieldsOf(c)
      const [from, to] = [field('name'), field('to').trim()]
      const done = await scripts.rename(here(c).account, from, to)
      switch (done.kind) {
        case 'renamed':
          await record(c, parts.admin, from, { did: 'modified', column: 'name', from, to })
          return c.redirect(editPath(to), 303)
        case 'later':
          return later(c)
        case 'missing':
          return c.notFound()
        case 'exists':
        case 'bad-name':
          return listPage(
            c,
            parts,
            c.var.frame.t(done.kind === 'exists' ? 'filters.exists' : 'filters.bad-name'),
          )
      }
    })
    .post('/delete', async (c) => {
      const name = (await fieldsOf(c))('name')
      const done = await scripts.remove(here(c).account, name)
      switch (done.kind) {
        case 'removed':
          await record(c, parts.admin, name, { did: 'deleted' })
          return c.redirect(home, 303)
        case 'later':
          return later(c)
        case 'missing':
          return c.notFound()
        case 'active':
          return listPage(c, parts, c.var.frame.t('filters.is-active'))
      }
    })
}

async function listPage(c: Context<Env>, { scripts }: FilterParts, mistake?: string) {
  const { frame } = c.var
  const { t } = frame
  const { account } = here(c)
  const entries = await scripts.list(account)
  const active = await scripts.active(account)
  const content = html`${told(mistake, 'bad')}
      <p>${t('filters.what')}</p>
      ${active.kind === 'broken' ? told(t('filters.broken', { name: active.name }), 'bad') : ''}
      ${entries.length === 0 ? html`<p>${t('filters.none')}</p>` : html`<ul class="panel list">${entries.map((entry) => row(frame, entry))}</ul>`}
      <p><a class="button" href="${home}/new">${t('filters.new')}</a></p>`
  return c.html(page(frame, t('filters.title'), content), mistake === undefined ? 200 : 422)
}

function row(frame: Frame, { name, active, changedAt }: ScriptEntry): Content {
  const { t } = frame
  const button = (to: string, text: string, kind: 'quiet' | 'bad') =>
    html`<form method="post" action="${home}/${to}"><input type="hidden" name="name" value="${name}"><button class="${kind}">${text}</button></form>`
  return html`
        <li>
          <div><a href="${editPath(name)}"><strong>${name}</strong></a>${active ? html` <span class="mark">${t('filters.active')}</span>` : ''}
            <p class="hint">${t('filters.changed', { date: moment(frame, changedAt) })}</p></div>
          ${
            active
              ? button('deactivate', t('filters.deactivate'), 'quiet')
              : html`${button('activate', t('filters.activate'), 'quiet')} ${button('delete', t('filters.delete'), 'bad')}`
          }
        </li>`
}

/** It compiled once, and no longer does: its mistakes are shown where they can be mended. */
async function broken(
  c: Context<Env>,
  { scripts }: FilterParts,
  name: string,
  errors: readonly SieveProblem[],
) {
  const text = (await scripts.get(here(c).account, name)) ?? ''
  const { frame } = c.var
  return c.html(
    editor(frame, { name, text, isNew: false, errors, mistake: frame.t('filters.mistakes') }),
    422,
  )
}
