import { html } from 'hono/html'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { OutgoingQueue, QueuedRecipient, QueueId } from '../../../ports/outgoing-queue.ts'
import { moment } from '../../site/moment.ts'
import type { Content, Frame } from '../../site/page.ts'

type Queue = Pick<OutgoingQueue, 'listOf' | 'drop' | 'bytes'>

const rowsAtOnce = 1_000
const messagesShown = 20
const recipientsShown = 10
const headerRead = 32_768

/** What waits to leave, by message; '' where nothing does. */
export async function waitingMail(
  frame: Frame,
  { queue }: { readonly queue: Queue },
  account: AccountId,
): Promise<Content> {
  const { t } = frame
  const messages = [...Map.groupBy(await queue.listOf(account, 0, rowsAtOnce), ({ message }) => message)]
  if (messages.length === 0) return ''
  const shown = await Promise.all(
    messages.slice(0, messagesShown).map(async ([message, rows]) => {
      const header = await queue.bytes(message, { from: 0, to: headerRead })
      return one(frame, { message, rows, subject: header ? indexMessage(header).subject : '' })
    }),
  )
  return html`<h2>${t('mail.waiting-title')}</h2>
      <ul class="panel list">${shown}</ul>
      ${messages.length > messagesShown ? html`<p class="hint">${t('mail.more-waiting', { count: messages.length - messagesShown })}</p>` : ''}
      <h2>${t('mail.all')}</h2>`
}

interface Waiting {
  readonly message: number
  readonly rows: readonly QueuedRecipient[]
  readonly subject: string
}

function one(frame: Frame, { message, rows, subject }: Waiting): Content {
  const { t } = frame
  return html`
        <li>
          <div><strong>${subject || t('mail.no-subject')}</strong>
            ${rows.slice(0, recipientsShown).map((row) => html`<p class="hint">${t('mail.to', { who: row.address })} · ${state(frame, row)}</p>${row.last ? html`<p class="said">${row.last.server ?? ''} ${row.last.text}</p>` : ''}`)}
            ${rows.length > recipientsShown ? html`<p class="hint">${t('mail.more-recipients', { count: rows.length - recipientsShown })}</p>` : ''}</div>
          <form method="post" action="/account/mail/${message}/withdraw"><button class="bad">${t('mail.withdraw')}</button></form>
        </li>`
}

function state(frame: Frame, { held, due, attempts }: QueuedRecipient): string {
  const { t } = frame
  if (held) return t('mail.held')
  if (due <= Date.now()) return t('mail.on-its-way')
  return t(attempts === 0 ? 'mail.leaves' : 'mail.tried-again', { date: moment(frame, due) })
}

/** All that waits of one message, where it is the account's own. What a server has taken already stays taken. */
export async function withdraw(
  { queue }: { readonly queue: Queue },
  account: AccountId,
  message: number,
): Promise<'withdrawn' | 'missing' | 'later'> {
  const ids: QueueId[] = []
  for (let after: QueueId | undefined = 0; after !== undefined; ) {
    const rows: readonly QueuedRecipient[] = await queue.listOf(account, after, rowsAtOnce)
    ids.push(...rows.filter((row) => row.message === message).map(({ id }) => id))
    after = rows.at(-1)?.id
  }
  if (ids.length === 0) return 'missing'
  const changed = await queue.drop(ids)
  if (changed.kind === 'later') return 'later'
  return changed.count > 0 ? 'withdrawn' : 'missing'
}
