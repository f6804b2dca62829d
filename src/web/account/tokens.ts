import { Hono } from 'hono'
import { html } from 'hono/html'
import { parseNetworks } from '../../lib/networks.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { TokenRow } from '../../ports/directory-rows.ts'
import { input, told } from '../site/form.ts'
import { dayOf } from '../site/moment.ts'
import { type Content, type Frame, page } from '../site/page.ts'
import { type Env, fieldsOf, later } from '../site/visit.ts'
import { here } from './settings-page.ts'

const dayMs = 24 * 3600 * 1000
const mostDays = 3650
/** Each is tried at a sign-in. */
const mostTokens = 100

/** App passwords: for one mail program each, so that one that is lost can be taken back alone. */
export function tokenRoutes(admin: DirectoryAdmin): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const { frame } = c.var
      const rows = await admin.tokens(here(c).address)
      return c.html(page(frame, frame.t('tokens.title'), html`${list(frame, rows)} ${form(frame, {})}`))
    })
    .post('/', async (c) => {
      const { frame } = c.var
      const { address } = here(c)
      const field = await fieldsOf(c)
      const asked = {
        comment: field('comment').trim(),
        networks: field('networks').trim(),
        days: field('days').trim(),
      }
      const again = (text: string, status: 422 | 503) =>
        c.html(page(frame, frame.t('tokens.title'), html`${told(text, 'bad')} ${form(frame, asked)}`), status)
      const days = asked.days === '' ? undefined : Number(asked.days)
      if (!isTerm(days)) return again(frame.t('tokens.wrong-days', { count: mostDays }), 422)
      const networks = asked.networks.split(/[\s,;]+/).filter((each) => each !== '')
      if (parseNetworks(networks).wrong.length > 0) return again(frame.t('tokens.wrong-networks'), 422)
      if ((await admin.tokens(address)).length >= mostTokens)
        return again(frame.t('tokens.too-many', { count: mostTokens }), 422)
      const expires = days === undefined ? ('never' as const) : Date.now() + days * dayMs
      const row = { user: address, comment: asked.comment, networks, expires }
      const added = await admin.add('token', row, address)
      if (added.kind === 'refused') return again(added.text, 422)
      if (added.kind === 'later') return again(frame.t('trouble.later'), 503)
      return c.html(page(frame, frame.t('tokens.made'), secret(frame, added.secret ?? '')))
    })
    .post('/:id/delete', async (c) => {
      const { address } = here(c)
      const id = Number(c.req.param('id'))
      const own = (await admin.tokens(address)).some((token) => token.id === id)
      if (!own) return c.notFound()
      if ((await admin.delete('token', id, address)).kind === 'later') return later(c)
      return c.redirect('/account/tokens', 303)
    })
}

const isTerm = (days: number | undefined) =>
  days === undefined || (Number.isInteger(days) && days >= 1 && days <= mostDays)

function list(frame: Frame, rows: readonly TokenRow[]): Content {
  const { t } = frame
  if (rows.length === 0) return html`<p>${t('tokens.none')}</p>`
  const date = (at: number) => dayOf(frame, at)
  return html`<ul class="panel list">${rows.map(
    ({ id, comment, createdAt, expires, lastUsed, networks }) => html`
        <li>
          <div><strong>${comment || t('tokens.nameless')}</strong>
            <p class="hint">${[
              t('tokens.since', { date: date(createdAt) }),
              expires === 'never' ? '' : t('tokens.until', { date: date(expires) }),
              lastUsed
                ? t('tokens.used', { date: date(lastUsed.at), from: lastUsed.by })
                : t('tokens.unused'),
              networks.length === 0 ? '' : t('tokens.only-from', { networks: networks.join(', ') }),
            ]
              .filter((each) => each !== '')
              .join(' · ')}</p></div>
          <form method="post" action="/account/tokens/${id}/delete"><button class="bad" aria-label="${t('tokens.delete')}: ${comment || t('tokens.nameless')}">${t('tokens.delete')}</button></form>
        </li>`,
  )}
      </ul>`
}

const form = ({ t }: Frame, asked: { comment?: string; networks?: string; days?: string }) =>
  html`<h2>${t('tokens.new')}</h2>
      <form class="panel" method="post" action="/account/tokens">
        ${input({ name: 'comment', label: t('tokens.comment'), value: asked.comment ?? '', hint: t('tokens.comment-hint'), more: 'maxlength="250"' })}
        ${input({ name: 'networks', label: t('tokens.networks'), value: asked.networks ?? '', hint: t('tokens.networks-hint') })}
        ${input({ name: 'days', label: t('tokens.days'), type: 'number', value: asked.days ?? '', hint: t('tokens.days-hint'), more: `min="1" max="${mostDays}"` })}
        <button>${t('tokens.make')}</button>
      </form>`

const secret = ({ t }: Frame, text: string) =>
  html`<div class="panel">
        <p>${t('tokens.shown-once')}</p>
        <p><code>${text}</code></p>
        <p><a href="/account/tokens">${t('tokens.back')}</a></p>
      </div>`
