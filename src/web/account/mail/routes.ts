import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { KeptTrace } from '../../../ports/mail-traces.ts'
import { input, told } from '../../site/form.ts'
import { moment } from '../../site/moment.ts'
import { type Content, type Frame, page } from '../../site/page.ts'
import { type Env, later } from '../../site/visit.ts'
import type { AccountMail } from '../mail-parts.ts'
import { here } from '../settings-page.ts'
import { waitingMail, withdraw } from './waiting.ts'

const home = '/account/mail'
const perPage = 25
const longestSearch = 200
/** More than a page of messages can have. */
const decisionsRead = 200

/** What became of the messages that somebody sent, or was to get; and those of his that wait. */
export function mailRoutes(parts: AccountMail): Hono<Env> {
  return new Hono<Env>()
    .get('/', (c) => listPage(c, parts))
    .post('/:message/withdraw', async (c) => {
      const done = await withdraw(parts, here(c).account, Number(c.req.param('message')))
      if (done === 'later') return later(c)
      return done === 'missing' ? c.notFound() : c.redirect(`${home}?withdrawn`, 303)
    })
}

async function listPage(c: Context<Env>, parts: AccountMail) {
  const { frame } = c.var
  const { t } = frame
  const { account } = here(c)
  const q = (c.req.query('q') ?? '').trim().slice(0, longestSearch)
  const before = Number(c.req.query('before') ?? Number.NaN)
  const isPage = Number.isSafeInteger(before)
  const question = { atMost: perPage + 1, containing: q, ...(isPage && { before }) }
  const found = await parts.traces.list(account, question)
  const traces = found.slice(0, perPage)
  const oldest = found.length > perPage ? traces.at(-1) : undefined
  const why = await rulesOf(parts, account, traces)
  const content = html`${told(c.req.query('withdrawn') === undefined ? undefined : t('mail.withdrawn-said'))}
      ${isPage || q !== '' ? '' : await waitingMail(frame, parts, account)}
      <form class="panel search" method="get" action="${home}" role="search">
        ${input({ name: 'q', label: t('mail.search'), value: q, more: 'maxlength="200"' })}
        <button>${t('mail.find')}</button>
      </form>
      ${traceList(frame, traces, why) || html`<p>${t(q === '' ? 'mail.none' : 'mail.nothing-found')}</p>`}
      ${oldest ? html`<p><a href="${home}?before=${oldest.number}&amp;q=${encodeURIComponent(q)}" rel="next">${t('mail.older')}</a></p>` : ''}
      <p class="hint">${t('mail.kept')}</p>`
  return c.html(page(frame, t('mail.title'), content))
}

/** What rules made of each, by arrival. */
export async function rulesOf(
  { store }: { readonly store: Pick<AccountMail['store'], 'decisions'> },
  account: Parameters<AccountMail['store']['decisions']>[0],
  traces: readonly KeptTrace[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const wanted = new Set(traces.flatMap(({ way, arrival }) => (way === 'in' ? [arrival] : [])))
  if (wanted.size === 0) return new Map()
  const decisions = await store.decisions(account, decisionsRead)
  return new Map(
    decisions.flatMap(({ arrival, steps }) => (wanted.has(arrival) ? [[arrival, steps] as const] : [])),
  )
}

const outcomes = {
  delivered: ['mail.delivered', 'mark'],
  refused: ['mail.refused', 'mark bad'],
  later: ['mail.later', 'mark plain'],
  waiting: ['mail.waiting', 'mark plain'],
  sent: ['mail.sent', 'mark'],
  failed: ['mail.failed', 'mark bad'],
  withdrawn: ['mail.withdrawn', 'mark plain'],
} as const satisfies Record<KeptTrace['outcome'], readonly [key: string, look: string]>

export const traceList = (
  frame: Frame,
  traces: readonly KeptTrace[],
  why: ReadonlyMap<string, readonly string[]>,
): Content =>
  traces.length === 0
    ? ''
    : html`<ul class="panel list">${traces.map((trace) => row(frame, trace, why.get(trace.arrival) ?? []))}</ul>`

function row(frame: Frame, trace: KeptTrace, steps: readonly string[]): Content {
  const { t } = frame
  const { way, own, other, author, subject, outcome, detail, at } = trace
  const [key, look] = outcomes[outcome]
  const whom = way === 'in' ? t('mail.from', { who: author || other || '<>' }) : t('mail.to', { who: other })
  const to = way === 'in' && own !== frame.address ? ` · ${t('mail.to', { who: own })}` : ''
  return html`
        <li>
          <div><strong>${subject || t('mail.no-subject')}</strong>
            <p class="hint">${whom}${to} · ${moment(frame, at)}</p>
            ${detail === '' ? '' : html`<p class="said">${detail}</p>`}
            ${steps.length === 0 ? '' : html`<details><summary>${t('history.reasons')}</summary><p class="said">${steps.join('; ')}</p></details>`}</div>
          <span class="${look}">${t(key)}</span>
        </li>`
}
