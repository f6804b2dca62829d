import type { Context } from 'hono'
import { html } from 'hono/html'
import { page } from '../site/page.ts'
import type { Env } from '../site/visit.ts'

/** They are told this once. */
export function showRecovery(c: Context<Env>, codes: readonly string[]) {
  const { frame } = c.var
  const { t } = frame
  const content = html`<div class="panel">
        <p>${t('factors.recovery-what')}</p>
        <ol class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
        <p><a class="button" href="/account/factors">${t('factors.recovery-kept')}</a></p>
      </div>`
  return c.html(page(frame, t('factors.recovery'), content))
}
