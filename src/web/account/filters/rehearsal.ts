import type { Context } from 'hono'
import { html } from 'hono/html'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Differing, RuleTrials } from '../../../ports/rule-trials.ts'
import type { SieveProblem } from '../../../ports/sieve.ts'
import { moment } from '../../site/moment.ts'
import type { Content, Frame } from '../../site/page.ts'
import type { Env } from '../../site/visit.ts'
import { here } from '../settings-page.ts'
import { type Edited, editor } from './editor.ts'

const messages = 500
const mostShown = 50
/** Each reads messages and runs rules over them: a few at a time for all, one for each. */
const atOnce = 2

/** What a script would have done otherwise with the mail that is there; nothing is kept or moved. */
export function rehearser({ trials }: { readonly trials: RuleTrials }) {
  const running = new Set<AccountId>()
  return async (c: Context<Env>, asked: Edited) => {
    const { frame } = c.var
    const { t } = frame
    const { account } = here(c)
    if (running.has(account) || running.size >= atOnce)
      return c.html(editor(frame, { ...asked, mistake: t('filters.busy') }), 429)
    running.add(account)
    const found = await trials.rehearse(account, asked.text, messages).finally(() => running.delete(account))
    if (found.kind === 'rehearsed') return c.html(editor(frame, { ...asked, below: shown(frame, found) }))
    return notTried(c, asked, found)
  }
}

type Untried = Exclude<Awaited<ReturnType<RuleTrials['rehearse']>>, { kind: 'rehearsed' }>

function notTried(c: Context<Env>, asked: Edited, found: Untried) {
  const { frame } = c.var
  const { t } = frame
  switch (found.kind) {
    case 'refused':
      return c.html(editor(frame, { ...asked, ...found, errors: named(found.errors, asked) }), 422)
    case 'too-large':
      return c.html(
        editor(frame, { ...asked, mistake: t('filters.too-large', { count: found.mostBytes }) }),
        422,
      )
    case 'unknown':
      return c.html(editor(frame, { ...asked, mistake: t('filters.no-account') }), 503)
  }
}

/** A trial calls the script by a name of its own. */
const trialName = 'script'
const named = (errors: readonly SieveProblem[], { name }: Edited) =>
  errors.map((problem) => (problem.script === trialName ? { ...problem, script: name } : problem))

function shown(
  frame: Frame,
  { looked, differing }: { readonly looked: number; readonly differing: readonly Differing[] },
): Content {
  const { t } = frame
  return html`<section aria-labelledby="rehearsal">
        <h2 id="rehearsal">${t('filters.rehearsed')}</h2>
        <p role="status">${t('filters.looked', { count: looked })} ${t('filters.differing', { count: differing.length })}</p>
        ${differing.length === 0 ? '' : html`<ul class="panel list">${differing.slice(0, mostShown).map((each) => moved(frame, each))}</ul>`}
        ${differing.length > mostShown ? html`<p class="hint">${t('filters.more', { count: differing.length - mostShown })}</p>` : ''}
      </section>`
}

function moved(frame: Frame, { receivedAt, from, subject, active, script, steps }: Differing): Content {
  const { t } = frame
  return html`
        <li><div><strong>${subject || t('mail.no-subject')}</strong>
            <p class="hint">${from} · ${moment(frame, receivedAt)}</p>
            <p>${t('filters.now')} ${active.join(', ')} <span aria-hidden="true">→</span> ${t('filters.then')} ${script.join(', ')}</p>
            <p class="hint">${steps.join('; ')}</p></div>
        </li>`
}
