import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type Address, parseAddress } from '../../../lib/address.ts'
import type { QueuedRecipient } from '../../../ports/outgoing-queue.ts'
import type { KeptDecision } from '../../../ports/remembered.ts'
import type { HistoryQuestion, JudgedMessage } from '../../../ports/spam-history.ts'
import { outranks } from '../../site/actor.ts'
import { told } from '../../site/form.ts'
import { rowsPerPage } from '../../site/list.ts'
import { page } from '../../site/page.ts'
import type { Env } from '../../site/visit.ts'
import { actorHere, at } from '../page.ts'
import { actions, concerns, judgedTable, messagePage, searchOf } from './history-views.ts'
import type { OpsParts } from './parts.ts'
import { lookThrough } from './queue-rows.ts'
import { type Sees, seenIn } from './seen-people.ts'

type Parts = Pick<OpsParts, 'history' | 'queue' | 'rules' | 'admin' | 'addresses'>

/** What was made of each message, refused ones too: rspamd's history, and where a message went. */
export function historyRoutes(parts: Parts): Hono<Env> {
  return new Hono<Env>()
    .get('/', (c) => list(c, parts))
    .get('/:number{[0-9]{1,15}}', async (c) => {
      const { frame } = c.var
      const actor = actorHere(c)
      const number = Number(c.req.param('number'))
      const [message] = (await parts.history?.judged({ atMost: 1, before: number + 1 })) ?? []
      if (message?.number !== number) return c.notFound()
      const sees = await seenIn(parts, actor, [message])
      if (!concerns(sees, message)) return c.notFound()
      const found = actor.isGlobal ? await followed(parts, message) : { waiting: [], decisions: [] }
      const content = messagePage(frame, message, { sees, queue: at(c, '/queue'), ...found })
      return c.html(page(frame, message.subject || frame.t('history.no-subject'), content))
    })
}

async function list(c: Context<Env>, parts: Parts) {
  const { history, admin } = parts
  const { frame } = c.var
  const { t } = frame
  if (!history) return c.html(page(frame, t('nav.history'), html`<p class="panel">${t('history.off')}</p>`))
  const { q = '', what = '', before = '' } = c.req.query()
  const text = q.trim()
  const action = actions.find((name) => name === what)
  const actor = actorHere(c)
  const rows = await history.judged({
    atMost: rowsPerPage,
    ...whom(text),
    ...(action && { actions: [action] }),
    ...(/^\d{1,15}$/.test(before) && { before: Number(before) }),
    ...(actor.isGlobal ? {} : { domains: [...actor.domains] }),
  })
  const sees = await seenIn(parts, actor, rows)
  const last = rows.length < rowsPerPage ? undefined : rows.at(-1)
  const query = new URLSearchParams({ q: text, what, before: String(last?.number) })
  const person = await personNamed(c, text, admin)
  const content = html`<p>${t('history.about')}</p>
      ${searchOf(frame, { text, action })}
      ${person ? html`<p><a href="${at(c, '/mail', person)}">${t('user-mail.title', { address: person })}</a></p>` : ''}
      ${
        text !== '' && rows.length === 0
          ? told(t('history.none-of', { text: text.slice(0, 100) }), 'bad')
          : judgedTable(
              frame,
              rows.filter((row) => concerns(sees, row) && mayFind(sees, row, text)),
              at(c, '/history'),
              sees,
            )
      }
      ${last ? html`<p class="actions"><a href="?${query.toString()}" rel="next">${t('list.after')}</a></p>` : ''}`
  return c.html(page(frame, t('nav.history'), content))
}

/** One of our people, of whom more is known: what he sent, and what was refused before anybody judged it. */
async function personNamed(
  c: Context<Env>,
  text: string,
  admin: Parts['admin'],
): Promise<Address | undefined> {
  const address = parseAddress(text)
  const user = address && (await admin.user(address))
  return user && (await outranks(admin, actorHere(c), user)) ? user.address : undefined
}

/** An address, or else the id of a message in the log. */
function whom(text: string): Pick<HistoryQuestion, 'address' | 'id'> {
  if (text === '') return {}
  const address = parseAddress(text)
  return address === undefined ? { id: text } : { address }
}

/** Whom a manager cannot see he cannot search for either. */
function mayFind(sees: Sees, { recipients }: JudgedMessage, text: string): boolean {
  const address = parseAddress(text)
  return address === undefined || !recipients.includes(address) || sees(address)
}

const decisionsLookedAt = 200

/** Where it is now, as far as anybody knows: what waits for other servers, and what rules of readers have done. */
async function followed({ queue, rules, admin }: Parts, { id, recipients }: JudgedMessage) {
  const { found } = await lookThrough(queue, { text: id, state: undefined })
  const waiting: QueuedRecipient[] = found.filter(({ arrival }) => arrival === id)
  const decisions: KeptDecision[] = []
  for (const address of recipients) {
    const user = await admin.user(address)
    if (!user) continue
    const kept = await rules.decisions(user.account, decisionsLookedAt)
    decisions.push(...kept.filter(({ arrival }) => arrival === id))
  }
  return { waiting, decisions }
}
