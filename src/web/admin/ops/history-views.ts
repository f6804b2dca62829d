import { html, raw } from 'hono/html'
import type { AuthChecks } from '../../../ports/mail-authentication.ts'
import type { QueuedRecipient } from '../../../ports/outgoing-queue.ts'
import type { KeptDecision } from '../../../ports/remembered.ts'
import type { JudgedMessage } from '../../../ports/spam-history.ts'
import { table } from '../../site/list.ts'
import { moment } from '../../site/moment.ts'
import type { Content, Frame } from '../../site/page.ts'
import { inEnglish, reason } from '../../site/reason.ts'
import { localeOf } from '../../texts/texts.ts'
import { bytes } from '../sizes.ts'
import { facts, mark } from './facts.ts'
import type { Sees } from './seen-people.ts'

type Action = JudgedMessage['judgement']['action']

const actionNames: Readonly<Record<Action, string>> = {
  accept: 'history.accepted',
  junk: 'history.junk',
  later: 'history.later',
  reject: 'history.refused',
}
export const actions = Object.keys(actionNames) as readonly Action[]

export function searchOf(
  { t }: Frame,
  { text, action }: { readonly text: string; readonly action: Action | undefined },
): Content {
  const options = actions.map(
    (name) =>
      html`<option value="${name}"${raw(name === action ? ' selected' : '')}>${t(actionNames[name])}</option>`,
  )
  return html`<form class="search" role="search">
        <div><label for="q">${t('history.search')}</label>
        <input id="q" name="q" type="search" value="${text}" maxlength="320"></div>
        <div><label for="what">${t('history.what')}</label>
        <select id="what" name="what"><option value="">${t('history.any')}</option>${options}</select></div>
        <button class="quiet">${t('list.find')}</button>
      </form>`
}

export function judgedTable(frame: Frame, rows: readonly JudgedMessage[], home: string, sees: Sees): Content {
  const { t } = frame
  return table<JudgedMessage>({
    caption: t('nav.history'),
    none: t('list.nothing-found'),
    rows,
    columns: [
      {
        head: t('history.subject'),
        cell: ({ number, subject, from, sender }) =>
          html`<a href="${home}/${number}">${subject || t('history.no-subject')}</a><br><span class="hint">${from || sender || t('queue.nobody')}</span>`,
      },
      { head: t('history.to'), cell: (row) => recipientsFor(frame, row, sees) },
      { head: t('history.at'), cell: ({ at }) => html`<span class="hint">${moment(frame, at)}</span>` },
      {
        head: t('history.what'),
        cell: ({ judgement }) =>
          html`<span class="badge${judgement.action === 'accept' ? '' : ' bad'}">${t(actionNames[judgement.action])}</span> <span class="number">${points(frame, judgement.score)}</span>`,
      },
    ],
  })
}

const points = ({ language }: Frame, score: number) =>
  score.toLocaleString(localeOf(language), {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  })

/** A manager hears of nobody in the domains of others, and of nobody above him. */
function recipientsFor({ t }: Frame, { recipients }: JudgedMessage, sees: Sees): string {
  const shown = recipients.filter(sees)
  const others = recipients.length - shown.length
  return [...shown, ...(others > 0 ? [t('history.others', { count: others })] : [])].join(', ')
}

/** To whom a message is known: one of the people is known to him. */
export const concerns = (sees: Sees, { sender, recipients }: JudgedMessage): boolean =>
  sees(sender) || recipients.some(sees)

interface About {
  readonly sees: Sees
  readonly queue: string
  /** What is still in the queue of it, and what rules of its readers did: to global admins alone. */
  readonly waiting: readonly QueuedRecipient[]
  readonly decisions: readonly KeptDecision[]
}

export function messagePage(frame: Frame, message: JudgedMessage, about: About): Content {
  const { t, language } = frame
  const { judgement } = message
  const { refusal, action, score } = judgement
  return html`<div class="panel">
        ${facts([
          [
            t('history.what'),
            html`${t(actionNames[action])} · ${t('history.points', { points: points(frame, score) })}`,
          ],
          [
            t('history.told'),
            refusal ? html`<code>${refusal.code} ${refusal.status} ${refusal.text}</code>` : '',
          ],
          [t('history.because'), judgement.forcedBy ? html`<code>${judgement.forcedBy}</code>` : ''],
          [t('history.at'), moment(frame, message.at)],
          [t('history.from'), message.from],
          [t('history.sender'), message.sender || t('queue.nobody')],
          [t('history.to'), recipientsFor(frame, message, about.sees)],
          [t('history.came-from'), html`<code>${message.ip}</code>`],
          [t('queue.size'), bytes(language, message.size)],
          [t('queue.id'), html`<code>${message.id}</code>`],
        ])}
      </div>
      <h2>${t('history.reasons')}</h2>
      ${reasonTable(frame, judgement.reasons)}
      ${message.checks ? html`<h2>${t('history.proofs')}</h2><div class="panel">${checkFacts(frame, message.checks)}</div>` : ''}
      ${waitingList(frame, about)}
      ${decisionList(frame, about.decisions)}`
}

type Reason = JudgedMessage['judgement']['reasons'][number]

/** What weighs most stands first. */
function reasonTable(frame: Frame, reasons: readonly Reason[]): Content {
  const { t } = frame
  return table<Reason>({
    caption: t('history.reasons'),
    none: t('history.no-reasons'),
    rows: [...reasons].sort((one, other) => Math.abs(other.score) - Math.abs(one.score)),
    columns: [
      {
        head: t('history.why'),
        cell: ({ name, why, parameters = [] }) =>
          html`${reason(frame, name) ?? inEnglish(why)}${parameters.length > 0 ? html`<br><span class="hint">${parameters.join(', ').slice(0, 500)}</span>` : ''}`,
      },
      {
        head: t('history.weight'),
        cell: ({ score }) => html`<span class="number">${points(frame, score)}</span>`,
      },
      { head: t('history.name'), cell: ({ name }) => html`<code>${name}</code>` },
    ],
  })
}

function checkFacts(frame: Frame, { spf, dkim, dmarc, arc, iprev }: AuthChecks): Content {
  const said = (method: string, { result, why = '' }: Checked, text: string) => {
    const key = result === 'temperror' ? result : `${method}.${result}`
    return html`${mark(result === 'pass', result)} ${text}<br><span class="hint">${reason(frame, key) ?? ''} ${why === '' ? '' : inEnglish(`(${why})`)}</span>`
  }
  return facts([
    ['SPF', said('spf', spf, spf.domain)],
    ...dkim.map((one) => ['DKIM', said('dkim', one, `${one.selector}._domainkey.${one.domain}`)] as const),
    ['DMARC', said('dmarc', dmarc, dmarc.author)],
    ...(arc.result === 'none' ? [] : [['ARC', said('arc', arc, arc.sealers.join(', '))] as const]),
    [frame.t('history.name-of-client'), said('iprev', iprev, iprev.name)],
  ])
}

interface Checked {
  readonly result: string
  readonly why?: string
}

function waitingList(frame: Frame, { waiting, queue }: About): Content {
  if (waiting.length === 0) return ''
  return html`<h2>${frame.t('history.waiting')}</h2>
      <ul class="panel list">${waiting.map(({ id, address, last }) => html`<li><a href="${queue}/${id}">${address}</a> <span class="hint">${last?.text.slice(0, 200) ?? ''}</span></li>`)}</ul>`
}

function decisionList({ t }: Frame, decisions: readonly KeptDecision[]): Content {
  if (decisions.length === 0) return ''
  return html`<h2>${t('history.rules')}</h2>
      <ul class="panel list">${decisions.map(({ recipient, steps }) => html`<li><div><strong>${recipient}</strong><br><span lang="en">${steps.join(' · ').slice(0, 2000)}</span></div></li>`)}</ul>`
}
