import { html, raw } from 'hono/html'
import { domainOf } from '../../../lib/address.ts'
import type { Attempt, OutgoingMessage, QueuedRecipient, QueueId } from '../../../ports/outgoing-queue.ts'
import { type Column, table } from '../../site/list.ts'
import { moment } from '../../site/moment.ts'
import type { Content, Frame } from '../../site/page.ts'
import { bytes } from '../sizes.ts'
import { facts, span, whole } from './facts.ts'
import { type Destination, type RowState, stateOf } from './queue-rows.ts'

export const queueActions = ['retry', 'hold', 'release', 'drop'] as const
export type QueueAction = (typeof queueActions)[number]

const actionNames: Readonly<Record<QueueAction, string>> = {
  retry: 'queue.retry',
  hold: 'queue.hold',
  release: 'queue.release',
  drop: 'queue.drop',
}

const stateNames: Readonly<Record<RowState, string>> = {
  held: 'queue.held',
  failing: 'queue.failing',
  new: 'queue.new',
}

export function searchOf({ t }: Frame, { text, state }: { text: string; state: RowState | undefined }) {
  const options = Object.entries(stateNames).map(
    ([name, key]) =>
      html`<option value="${name}"${raw(name === state ? ' selected' : '')}>${t(key)}</option>`,
  )
  return html`<form class="search" role="search">
        <div><label for="q">${t('queue.search')}</label>
        <input id="q" name="q" type="search" value="${text}" maxlength="200"></div>
        <div><label for="state">${t('queue.state')}</label>
        <select id="state" name="state"><option value="">${t('queue.any')}</option>${options}</select></div>
        <button class="quiet">${t('list.find')}</button>
      </form>`
}

export function destinationTable(frame: Frame, rows: readonly Destination[], now: number): Content {
  const { t } = frame
  return table<Destination>({
    caption: t('queue.destinations'),
    none: t('queue.empty'),
    rows,
    columns: [
      {
        head: t('queue.destination'),
        cell: ({ way }) => html`<a href="?q=${encodeURIComponent(way)}">${way}</a>`,
      },
      { head: t('queue.messages'), cell: ({ count }) => number(whole(frame, count)) },
      { head: t('queue.failing'), cell: ({ failing }) => number(whole(frame, failing)) },
      { head: t('queue.held'), cell: ({ held }) => number(whole(frame, held)) },
      { head: t('queue.oldest'), cell: ({ oldest }) => span(frame, now - oldest) },
    ],
  })
}

const number = (text: string) => html`<span class="number">${text}</span>`

/** With a box to tick in front of each. */
export function rowTable(frame: Frame, rows: readonly QueuedRecipient[], home: string, now: number): Content {
  const { t } = frame
  const columns: Column<QueuedRecipient>[] = [
    {
      head: t('queue.to'),
      cell: ({ id, address }) =>
        html`<span class="check"><input type="checkbox" name="id" value="${id}" aria-label="${t('queue.choose', { address })}"> <a href="${home}/${id}">${address}</a></span>`,
    },
    { head: t('queue.from'), cell: ({ sender }) => sender ?? t('queue.nobody') },
    { head: t('queue.next'), cell: (row) => nextOf(frame, row, now) },
    { head: t('queue.why'), cell: ({ last }) => (last ? answerText(last) : t('queue.untried')) },
  ]
  return table<QueuedRecipient>({
    caption: t('nav.queue'),
    none: t('list.nothing-found'),
    rows,
    columns,
  })
}

function nextOf(frame: Frame, { held, due }: QueuedRecipient, now: number): string {
  if (held) return frame.t('queue.held')
  return due <= now ? frame.t('queue.now') : moment(frame, due)
}

const answerText = ({ server, code, status, text }: Attempt): string =>
  `${server === undefined ? '' : `${server}: `}${[code, status, text].filter(Boolean).join(' ')}`.slice(
    0,
    300,
  )

export const actionButtons = ({ t }: Frame, names: readonly QueueAction[]) =>
  html`<p class="actions">${names.map(
    (name) =>
      html`<button class="${name === 'drop' ? 'bad' : 'quiet'}" name="do" value="${name}">${t(actionNames[name])}</button> `,
  )}</p>`

/** One recipient: the envelope, what the other server said last, and what that means. */
export function rowPage(
  frame: Frame,
  row: QueuedRecipient,
  message: OutgoingMessage | undefined,
  { home, history, now }: { readonly home: string; readonly history: string; readonly now: number },
): Content {
  const { t, language } = frame
  const { address, sender, destination, arrival, attempts } = row
  const others = destination === domainOf(address) ? '' : destination
  const names: readonly QueueAction[] = row.held ? ['release', 'retry', 'drop'] : ['retry', 'hold', 'drop']
  return html`<div class="panel">
        ${facts([
          [t('queue.to'), address],
          [t('queue.from'), sender ?? t('queue.nobody')],
          [t('queue.way'), others],
          [t('queue.state'), t(stateNames[stateOf(row)])],
          [t('queue.next'), nextOf(frame, row, now)],
          [t('queue.tried'), whole(frame, attempts)],
          [t('queue.accepted'), moment(frame, row.acceptedAt)],
          [t('queue.expires'), moment(frame, row.expires)],
          [t('queue.size'), bytes(language, row.size)],
          [
            t('queue.asks-for'),
            [message?.requireTls ? 'REQUIRETLS' : '', message?.smtpUtf8 ? 'SMTPUTF8' : ''].join(' ').trim(),
          ],
          [
            t('queue.id'),
            html`<a href="${history}?q=${encodeURIComponent(arrival)}"><code>${arrival}</code></a>`,
          ],
        ])}
      </div>
      <h2>${t('queue.last')}</h2>
      <div class="panel">${row.last ? attemptFacts(frame, row.last) : html`<p>${t('queue.untried')}</p>`}</div>
      <form method="post" action="${home}">
        <input type="hidden" name="id" value="${row.id}">
        ${actionButtons(frame, names)}
      </form>`
}

function attemptFacts(frame: Frame, last: Attempt): Content {
  const { t } = frame
  const { at, server, step, code, status, text, saidBy, why } = last
  return html`${facts([
    [t('queue.at'), moment(frame, at)],
    [t('queue.server'), server ?? t('queue.no-server')],
    [t('queue.step'), step],
    [
      saidBy === 'them' ? t('queue.they-said') : t('queue.we-said'),
      html`<code>${[code, status, text].filter(Boolean).join(' ')}</code>`,
    ],
  ])}
        <p>${t(meanings[why] ?? 'queue.means-other')}</p>`
}

/** By what `FailureReason` of the sender's side says. */
const meanings: Readonly<Record<string, string>> = {
  network: 'queue.means-network',
  timeout: 'queue.means-network',
  temporary: 'queue.means-temporary',
  permanent: 'queue.means-permanent',
  policy: 'queue.means-policy',
  'too-many-recipients': 'queue.means-temporary',
  tls: 'queue.means-tls',
  capability: 'queue.means-capability',
  protocol: 'queue.means-protocol',
  'another-way': 'queue.means-temporary',
  login: 'queue.means-login',
  unconfirmed: 'queue.means-unconfirmed',
}

/** Thrown away for good: asked once more. */
export function dropPage(
  { t }: Frame,
  { home, ids }: { readonly home: string; readonly ids: readonly QueueId[] },
): Content {
  return html`<form class="panel" method="post" action="${home}">
        <p>${t('queue.drop-sure', { count: ids.length })}</p>
        <input type="hidden" name="ids" value="${ids.join(',')}">
        <input type="hidden" name="sure" value="yes">
        <p class="actions"><button class="bad" name="do" value="drop">${t('queue.drop')}</button> <a href="${home}">${t('ops.back')}</a></p>
      </form>`
}
