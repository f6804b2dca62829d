import { Hono } from 'hono'
import { html } from 'hono/html'
import { parseNetworks } from '../../lib/networks.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { TokenRow } from '../../ports/directory-rows.ts'
import { checkBox, input, itemsIn, told } from '../site/form.ts'
import { dayOf, moment } from '../site/moment.ts'
import { type Content, type Frame, page } from '../site/page.ts'
import { qr } from '../site/qr.ts'
import { type Env, fieldsOf, later } from '../site/visit.ts'
import { here } from './settings-page.ts'

const dayMs = 24 * 3600 * 1000
const mostDays = 3650
/** Each is tried at a sign-in. */
const mostTokens = 100

/** App passwords: for one mail program each, so that one that is lost can be taken back alone. */
export function tokenRoutes(admin: DirectoryAdmin, hasApi: boolean): Hono<Env> {
  const offered = hasApi ? ([...services, 'api'] as const) : services
  return new Hono<Env>()
    .get('/', async (c) => {
      const { frame } = c.var
      const rows = await admin.tokens(here(c).address)
      return c.html(
        page(frame, frame.t('tokens.title'), html`${list(frame, rows)} ${form(frame, offered, {})}`),
      )
    })
    .post('/', async (c) => {
      const { frame } = c.var
      const { address } = here(c)
      const field = await fieldsOf(c)
      const asked = {
        comment: field('comment').trim(),
        networks: field('networks').trim(),
        days: field('days').trim(),
        services: offered.filter((service) => field(`for-${service}`) === 'yes'),
      }
      const again = (text: string, status: 422 | 503) =>
        c.html(
          page(frame, frame.t('tokens.title'), html`${told(text, 'bad')} ${form(frame, offered, asked)}`),
          status,
        )
      const days = asked.days === '' ? undefined : Number(asked.days)
      if (!isTerm(days)) return again(frame.t('tokens.wrong-days', { count: mostDays }), 422)
      const networks = itemsIn(asked.networks)
      if (parseNetworks(networks).wrong.length > 0) return again(frame.t('tokens.wrong-networks'), 422)
      if ((await admin.tokens(address)).length >= mostTokens)
        return again(frame.t('tokens.too-many', { count: mostTokens }), 422)
      const expires = days === undefined ? ('never' as const) : Date.now() + days * dayMs
      const row = { user: address, comment: asked.comment, networks, expires, services: asked.services }
      const added = await admin.add('token', row, address)
      if (added.kind === 'refused') return again(added.text, 422)
      if (added.kind === 'later') return again(frame.t('trouble.later'), 503)
      return c.html(page(frame, frame.t('tokens.made'), await secret(frame, added.secret ?? '')))
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

/** What mail programs do. */
const services = ['imap', 'pop3', 'smtp', 'sieve'] as const
const serviceNames = {
  imap: 'tokens.imap',
  pop3: 'tokens.pop3',
  smtp: 'tokens.smtp',
  sieve: 'tokens.sieve',
  api: 'tokens.api',
  dav: 'tokens.dav',
  web: 'tokens.web',
} as const satisfies Record<TokenRow['services'][number], string>

const isTerm = (days: number | undefined) =>
  days === undefined || (Number.isInteger(days) && days >= 1 && days <= mostDays)

function list(frame: Frame, rows: readonly TokenRow[]): Content {
  const { t } = frame
  if (rows.length === 0) return html`<p>${t('tokens.none')}</p>`
  const date = (at: number) => dayOf(frame, at)
  return html`<ul class="panel list">${rows.map(
    ({ id, comment, createdAt, expires, lastUsed, networks, services: only }) => html`
        <li>
          <div><strong>${comment || t('tokens.nameless')}</strong>
            <p class="hint">${[
              t('tokens.since', { date: date(createdAt) }),
              expires === 'never' ? '' : t('tokens.until', { date: date(expires) }),
              lastUsed
                ? t('tokens.used', { date: moment(frame, lastUsed.at), from: lastUsed.by })
                : t('tokens.unused'),
              only.length === 0
                ? ''
                : t('tokens.only-for', { services: only.map((each) => t(serviceNames[each])).join(', ') }),
              networks.length === 0 ? '' : t('tokens.only-from', { networks: networks.join(', ') }),
            ]
              .filter((each) => each !== '')
              .join(' · ')}</p></div>
          <form method="post" action="/account/tokens/${id}/delete"><button class="bad" aria-label="${t('tokens.delete')}: ${comment || t('tokens.nameless')}">${t('tokens.delete')}</button></form>
        </li>`,
  )}
      </ul>`
}

interface Asked {
  readonly comment?: string
  readonly networks?: string
  readonly days?: string
  readonly services?: readonly string[]
}

const form = ({ t }: Frame, offered: TokenRow['services'], asked: Asked) =>
  html`<h2>${t('tokens.new')}</h2>
      <form class="panel" method="post" action="/account/tokens">
        ${input({ name: 'comment', label: t('tokens.comment'), value: asked.comment ?? '', hint: t('tokens.comment-hint'), more: 'maxlength="250"' })}
        <fieldset><legend>${t('tokens.services')}</legend>
          ${offered.map((service) => checkBox(`for-${service}`, t(serviceNames[service]), asked.services?.includes(service) ?? false))}
          <p class="hint">${t('tokens.services-hint')}</p>
        </fieldset>
        ${input({ name: 'networks', label: t('tokens.networks'), value: asked.networks ?? '', hint: t('tokens.networks-hint') })}
        ${input({ name: 'days', label: t('tokens.days'), type: 'number', value: asked.days ?? '', hint: t('tokens.days-hint'), more: `min="1" max="${mostDays}"` })}
        <button>${t('tokens.make')}</button>
      </form>`

const secret = async ({ t }: Frame, text: string) =>
  html`<div class="panel">
        <p>${t('tokens.shown-once')}</p>
        <p><code>${text}</code></p>
        ${await qr(text, t('tokens.qr'))}
        <p class="hint">${t('tokens.qr')}</p>
        <p><a href="/account/tokens">${t('tokens.back')}</a></p>
      </div>`
