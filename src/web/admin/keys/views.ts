import { html } from 'hono/html'
import type { ApiArea, ApiKeyRow, ApiScope } from '../../../ports/api-access.ts'
import type { Actor } from '../../site/actor.ts'
import { input, postButton, select } from '../../site/form.ts'
import { table } from '../../site/list.ts'
import { dayOf, moment } from '../../site/moment.ts'
import type { Content, Frame } from '../../site/page.ts'

export interface Asked {
  readonly name?: string
  readonly domain?: string
  readonly networks?: string
  readonly days?: string
  readonly scopes?: readonly ApiScope[]
}

type Area = ApiArea | 'all'

/** What a key may be for, and what that is called. */
const areas = {
  all: 'keys.all',
  domain: 'nav.domains',
  user: 'nav.users',
  alias: 'domains.aliases',
  token: 'nav.tokens',
  session: 'nav.sessions',
  trace: 'nav.mail',
  alternative: 'domains.alternatives',
  relay: 'nav.relays',
  application: 'nav.applications',
  queue: 'nav.queue',
  fetch: 'nav.fetches',
} as const satisfies Record<Area, string>
const ofManagers: readonly Area[] = ['domain', 'user', 'alias', 'token', 'session', 'trace']

export const mostDays = 3650

export const areasFor = ({ isGlobal }: Actor): readonly Area[] =>
  isGlobal ? (Object.keys(areas) as Area[]) : ofManagers

export function keyTable(frame: Frame, rows: readonly ApiKeyRow[], home: string): Content {
  const { t } = frame
  return table<ApiKeyRow>({
    caption: t('nav.keys'),
    none: t('keys.none'),
    rows,
    columns: [
      { head: t('keys.name'), cell: ({ name, owner }) => html`<strong>${name}</strong>${by(owner)}` },
      { head: t('domains.name'), cell: ({ domain }) => domain ?? t('keys.everywhere') },
      {
        head: t('keys.scopes'),
        cell: ({ scopes }) => html`${scopes.map((scope) => html`<code>${scope}</code> `)}`,
      },
      { head: t('keys.state'), cell: (key) => state(frame, key) },
      {
        head: t('tokens.delete'),
        cell: ({ name }) => postButton(`${home}/delete/${encodeURIComponent(name)}`, t('tokens.delete')),
      },
    ],
  })
}

const by = (owner: string | undefined) =>
  owner === undefined ? '' : html`<br><span class="hint">${owner}</span>`

function state(frame: Frame, { createdAt, expires, lastUsed, networks }: ApiKeyRow): Content {
  const { t } = frame
  const said = [
    t('tokens.since', { date: dayOf(frame, createdAt) }),
    expires === 'never' ? '' : t('tokens.until', { date: dayOf(frame, expires) }),
    lastUsed ? t('tokens.used', { date: moment(frame, lastUsed.at), from: lastUsed.by }) : t('tokens.unused'),
    networks.length === 0 ? '' : t('tokens.only-from', { networks: networks.join(', ') }),
  ]
  return html`<span class="hint">${said.filter((each) => each !== '').join(' · ')}</span>`
}

export function keyForm(frame: Frame, actor: Actor, asked: Asked): Content {
  const { t } = frame
  const choices = [
    ['', t('keys.nothing')],
    ['read', t('keys.read')],
    ['write', t('keys.write')],
  ] as const
  const chosen = (area: Area) =>
    asked.scopes?.find((scope) => scope.startsWith(`${area}:`))?.split(':')[1] ?? ''
  return html`<h2>${t('tokens.new')}</h2>
      <form class="panel" method="post">
        ${input({ name: 'name', label: t('keys.name'), value: asked.name ?? '', hint: t('keys.name-hint'), more: 'required maxlength="64" autocomplete="off"' })}
        ${domainField(frame, actor, asked)}
        <fieldset><legend>${t('keys.scopes')}</legend>
          ${areasFor(actor).map((area) => select({ name: `for-${area}`, label: t(areas[area]), value: chosen(area), choices }))}
        </fieldset>
        ${input({ name: 'networks', label: t('tokens.networks'), value: asked.networks ?? '', hint: t('tokens.networks-hint') })}
        ${input({ name: 'days', label: t('tokens.days'), type: 'number', value: asked.days ?? '', hint: t('tokens.days-hint'), more: `min="1" max="${mostDays}"` })}
        <button>${t('keys.make')}</button>
      </form>`
}

function domainField({ t }: Frame, { isGlobal, domains }: Actor, { domain = '' }: Asked): Content {
  const field = { name: 'domain', label: t('domains.name'), value: domain }
  if (isGlobal) return input({ ...field, hint: t('keys.domain-hint'), more: 'maxlength="253"' })
  return select({ ...field, choices: [...domains].sort().map((name) => [name, name] as const) })
}

export const secretPage = ({ t }: Frame, secret: string, home: string): Content =>
  html`<div class="panel">
        <p>${t('keys.shown-once')}</p>
        <p><code>${secret}</code></p>
        <p><a href="${home}">${t('tokens.back')}</a></p>
      </div>`
