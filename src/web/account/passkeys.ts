import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { Passkeys } from '../../ports/passkeys.ts'
import { input, told } from '../site/form.ts'
import { type Frame, page } from '../site/page.ts'
import { type Env, fieldsOf, later } from '../site/visit.ts'
import { passkeyForm, passkeySite } from '../sso/passkey-form.ts'
import { showRecovery } from './recovery.ts'
import { here } from './settings-page.ts'

export interface PasskeyParts {
  readonly passkeys: Passkeys
  readonly hostname: string
}

/** Behind a fresh sign-in. */
export function passkeyRoutes(parts: PasskeyParts): Hono<Env> {
  const { passkeys, hostname } = parts
  return new Hono<Env>()
    .get('/', (c) => addPage(c, parts))
    .post('/', async (c) => {
      const field = await fieldsOf(c)
      const { t } = c.var.frame
      const site = passkeySite(c, hostname)
      if (!site) return addPage(c, parts)
      const [answer, name] = [field('answer'), field('name')]
      const done = await passkeys.register(here(c).account, { answer, name, site })
      switch (done.kind) {
        case 'on':
          return done.recoveryCodes.length === 0
            ? c.redirect('/account/factors', 303)
            : showRecovery(c, done.recoveryCodes)
        case 'refused':
          return addPage(c, parts, t('passkey.failed'))
        case 'too-many':
          return addPage(c, parts, t('passkey.too-many', { count: done.most }))
        case 'later':
          return later(c)
      }
    })
}

async function addPage(c: Context<Env>, { passkeys, hostname }: PasskeyParts, mistake?: string) {
  const { frame } = c.var
  const { t } = frame
  const site = passkeySite(c, hostname)
  const form =
    site &&
    passkeyForm(frame, {
      action: '/account/factors/passkeys',
      options: await passkeys.creation(here(c).account, site),
      button: t('passkey.make'),
      fields: html`<p>${t('passkey.add-what')}</p>
        ${input({ name: 'name', label: t('passkey.name'), hint: t('passkey.name-hint'), more: 'maxlength="100" autofocus' })}
        ${programsNeedTokens(frame)}`,
    })
  const content = html`${told(mistake, 'bad')} ${form ?? html`<p>${t('passkey.where', { place: `https://${hostname}` })}</p>`}
      <noscript><p>${t('passkey.script')}</p></noscript>`
  return c.html(page(frame, t('factors.passkeys-add'), content), mistake === undefined ? 200 : 422)
}

/** Said before a second step is switched on. */
export const programsNeedTokens = ({ t }: Frame) =>
  html`<p class="told bad">${t('factors.programs')} <a href="/account/tokens">${t('nav.tokens')}</a></p>`
