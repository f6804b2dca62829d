import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { FactorList, FactorRow, SecondFactors } from '../../ports/second-factors.ts'
import { input, told } from '../site/form.ts'
import { dayOf } from '../site/moment.ts'
import { type Content, type Frame, page } from '../site/page.ts'
import { qr } from '../site/qr.ts'
import { type Env, fieldsOf, later } from '../site/visit.ts'
import { freshly } from './fresh.ts'
import { type PasskeyParts, passkeyRoutes, programsNeedTokens } from './passkeys.ts'
import { showRecovery } from './recovery.ts'
import { here } from './settings-page.ts'

const place = '/account/factors'

/** What is asked for beside the password. */
export function factorRoutes(parts: PasskeyParts & { readonly factors: SecondFactors }): Hono<Env> {
  const { factors } = parts
  return new Hono<Env>()
    .get('/', async (c) => {
      const { frame } = c.var
      const list = await factors.list(here(c).account)
      const text = c.req.query('removed') === undefined ? undefined : frame.t('factors.removed')
      return c.html(page(frame, frame.t('factors.title'), html`${told(text)} ${overview(frame, list)}`))
    })
    .use(
      '/*',
      freshly(() => place),
    )
    .get('/codes', async (c) => {
      const { secret, uri } = await factors.newSecret(here(c).address)
      return showSecret(c, { secret, uri })
    })
    .post('/codes', async (c) => {
      const { account, address } = here(c)
      const { frame } = c.var
      const field = await fieldsOf(c)
      const [secret, uri] = [field('secret'), field('uri')]
      const code = field('code').replaceAll(/\s/g, '')
      const done = await factors.turnOnCodes(account, { secret, code })
      switch (done.kind) {
        case 'on':
          return done.recoveryCodes.length === 0
            ? c.redirect(place, 303)
            : showRecovery(c, done.recoveryCodes)
        case 'exists':
          return c.redirect(place, 303)
        case 'later':
          return later(c)
        case 'wrong-code': {
          const again = /^[A-Z2-7]{32}$/.test(secret) && uri.includes(secret)
          const shown = again ? { secret, uri } : await factors.newSecret(address)
          return showSecret(c, shown, frame.t('factors.wrong-code'))
        }
      }
    })
    .post('/recovery', async (c) => {
      const made = await factors.newRecoveryCodes(here(c).account)
      if (made.kind === 'later') return later(c)
      return made.kind === 'missing' ? c.notFound() : showRecovery(c, made.recoveryCodes)
    })
    .route('/passkeys', passkeyRoutes(parts))
    .post('/:id/remove', async (c) => {
      const removed = await factors.remove(here(c).account, c.req.param('id'))
      if (removed.kind === 'later') return later(c)
      return removed.kind === 'missing' ? c.notFound() : c.redirect(`${place}?removed`, 303)
    })
}

function overview(frame: Frame, list: FactorList): Content {
  const { t } = frame
  const isOn = list.codes !== undefined || list.passkeys.length > 0
  return html`<p>${t(isOn ? 'factors.is-on' : 'factors.what')}</p>
      <p class="told${isOn ? '' : ' bad'}">${t(isOn ? 'factors.programs-on' : 'factors.programs')} <a href="/account/tokens">${t('nav.tokens')}</a></p>
      <h2>${t('factors.codes')}</h2>
      ${
        list.codes
          ? html`<ul class="panel list">${factorItem(frame, list.codes, t('factors.codes'))}
      </ul>`
          : html`<div class="panel"><p>${t('factors.codes-what')}</p>
        <p><a class="button" href="${place}/codes">${t('factors.codes-set-up')}</a></p></div>`
      }
      <h2>${t('factors.passkeys')}</h2>
      ${
        list.passkeys.length === 0
          ? ''
          : html`<ul class="panel list">${list.passkeys.map((row) => factorItem(frame, row, row.name || t('factors.passkey')))}
      </ul>`
      }
      <div class="panel"><p>${t('factors.passkeys-what')}</p>
        <p><a class="button" href="${place}/passkeys">${t('factors.passkeys-add')}</a></p></div>
      ${isOn ? recovery(frame, list.recoveryCodesLeft) : ''}`
}

function factorItem(frame: Frame, { id, createdAt, lastUsedAt }: FactorRow, name: string) {
  const { t } = frame
  const date = (at: number) => dayOf(frame, at)
  const used = lastUsedAt === undefined ? t('tokens.unused') : t('factors.used', { date: date(lastUsedAt) })
  return html`
        <li>
          <div><strong>${name}</strong>
            <p class="hint">${t('factors.since', { date: date(createdAt) })} · ${used}</p></div>
          <form method="post" action="${place}/${id}/remove"><button class="bad" aria-label="${t('factors.remove')}: ${name}">${t('factors.remove')}</button></form>
        </li>`
}

const recovery = ({ t }: Frame, count: number) => html`<h2>${t('factors.recovery')}</h2>
      <div class="panel">
        <p>${t('factors.recovery-left', { count })}</p>
        <form method="post" action="${place}/recovery"><button class="quiet">${t('factors.recovery-new')}</button></form>
      </div>`

async function showSecret(
  c: Context<Env>,
  { secret, uri }: { readonly secret: string; readonly uri: string },
  mistake?: string,
) {
  const { frame } = c.var
  const { t } = frame
  const content = html`${told(mistake, 'bad')}
      <form class="panel" method="post" action="${place}/codes">
        <p>${t('factors.scan')}</p>
        ${await qr(uri, t('factors.qr'))}
        <p>${t('factors.type')} <code>${secret.replaceAll(/.{4}(?=.)/g, '$& ')}</code></p>
        <input type="hidden" name="secret" value="${secret}">
        <input type="hidden" name="uri" value="${uri}">
        ${programsNeedTokens(frame)}
        ${input({ name: 'code', label: t('factors.first-code'), hint: t('factors.first-code-hint'), more: 'required autofocus inputmode="numeric" autocomplete="one-time-code" maxlength="10"' })}
        <button>${t('factors.turn-on')}</button>
      </form>`
  return c.html(page(frame, t('factors.codes-set-up'), content), mistake === undefined ? 200 : 422)
}
