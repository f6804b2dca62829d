import { html } from 'hono/html'
import { percentOfScore } from '../../lib/spam-percent.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { UserRow } from '../../ports/directory-rows.ts'
import type { JudgedMessage, SpamHistory } from '../../ports/spam-history.ts'
import { told } from '../site/form.ts'
import { moment } from '../site/moment.ts'
import type { Content, Frame } from '../site/page.ts'

const messages = 300
const mostShown = 30
/** Whoever gets little mail has much of others' looked through: a few at a time for all, one for each. */
const atOnce = 2

/** Tries another threshold on what came. */
export function spamPreviewer(history: Pick<SpamHistory, 'judged'>) {
  const running = new Set<AccountId>()
  return async (frame: Frame, user: UserRow, threshold: number): Promise<Content> => {
    const { account } = user
    if (running.has(account) || running.size >= atOnce) return told(frame.t('filters.busy'), 'bad')
    running.add(account)
    return spamPreview(frame, history, { user, threshold }).finally(() => running.delete(account))
  }
}

/** Which of somebody's newest messages another threshold would have filed elsewhere, by the points they had. */
async function spamPreview(
  frame: Frame,
  history: Pick<SpamHistory, 'judged'>,
  { user, threshold }: { readonly user: UserRow; readonly threshold: number },
): Promise<Content> {
  const { t } = frame
  const judged = await history.judged({ atMost: messages, address: user.address })
  const mine = judged.filter(
    ({ recipients, judgement }) => recipients.includes(user.address) && judgement.action === 'accept',
  )
  const moved = mine.flatMap((message) => {
    const percent = percentFor(message, user)
    const [was, would] = [percent > user.spamThreshold, percent > threshold]
    return was === would ? [] : [one(frame, message, { percent, toJunk: would })]
  })
  return html`<section aria-labelledby="preview">
        <h2 id="preview">${t('spam.preview-title', { count: threshold })}</h2>
        <p role="status">${t('filters.looked', { count: mine.length })} ${t('filters.differing', { count: moved.length })}</p>
        ${moved.length === 0 ? '' : html`<ul class="panel list">${moved.slice(0, mostShown)}</ul>`}
        ${moved.length > mostShown ? html`<p class="hint">${t('filters.more', { count: moved.length - mostShown })}</p>` : ''}
      </section>`
}

function percentFor({ judgement, personal }: JudgedMessage, { account }: UserRow): number {
  return percentOfScore(personal.find((one) => one.account === account)?.score ?? judgement.score)
}

const one = (
  frame: Frame,
  { from, sender, subject, at }: JudgedMessage,
  { percent, toJunk }: { readonly percent: number; readonly toJunk: boolean },
): Content => html`
        <li><div><strong>${subject || frame.t('mail.no-subject')}</strong>
            <p class="hint">${from || sender || '<>'} · ${moment(frame, at)} · ${percent} %</p></div>
          <span class="${toJunk ? 'mark bad' : 'mark'}">${frame.t(toJunk ? 'spam.to-junk' : 'spam.not-to-junk')}</span>
        </li>`
