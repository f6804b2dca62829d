import { html } from 'hono/html'
import { input, told } from '../site/form.ts'
import type { Frame } from '../site/page.ts'

/** Of a new password, in characters. */
export const shortestPassword = 8

/** The old one, and the new one twice. */
export function passwordForm({ t }: Frame, action: string, mistake?: string) {
  const field = (name: string, label: string, complete: string) =>
    input({ name, label, type: 'password', more: `required autocomplete="${complete}"` })
  return html`${told(mistake, 'bad')}
      <form class="panel narrow" method="post" action="${action}">
        ${field('oldpw', t('password.old'), 'current-password')}
        ${field('pw', t('password.new'), 'new-password')}
        ${field('pw2', t('password.again'), 'new-password')}
        <p class="hint">${t('password.ends-sessions')}</p>
        <button>${t('password.change')}</button>
      </form>`
}
