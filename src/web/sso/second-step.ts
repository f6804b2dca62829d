import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { input, told } from '../site/form.ts'
import { page } from '../site/page.ts'
import { type Env, fieldsOf, ownPath } from '../site/visit.ts'
import { enter, halfOf, passkeyButton, type SignInParts, startOver } from './enter.ts'
import { retryAfter } from './retry-after.ts'

const home = '/account'

/** After the password: a code, or a passkey. */
export function secondStepRoutes(parts: SignInParts): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const url = ownPath(c.req.query('url'), home)
      return halfOf(c) === undefined
        ? c.redirect(`/sso/login?url=${encodeURIComponent(url)}`, 303)
        : c.html(await secondPage(c, parts, url))
    })
    .post('/', async (c) => {
      const field = await fieldsOf(c)
      const url = ownPath(field('url'), home)
      const { ip, connectionId: connection } = c.env.client
      const verdict = await parts.factors.check({
        ticket: halfOf(c) ?? '',
        code: field('code').slice(0, 100),
        ip,
        connection,
      })
      const { t } = c.var.frame
      switch (verdict.kind) {
        case 'accepted':
          return enter(c, parts, verdict, url)
        case 'over':
          return startOver(c, parts, url)
        case 'refused':
          return c.html(await secondPage(c, parts, url, t('second.refused')), 401)
        case 'throttled':
          return c.html(
            await secondPage(c, parts, url, t('second.throttled', { count: retryAfter(c, verdict) })),
            429,
          )
        case 'later':
          c.header('Retry-After', '60')
          return c.html(await secondPage(c, parts, url, t('trouble.later')), 503)
      }
    })
}

async function secondPage(c: Context<Env>, parts: SignInParts, url: string, mistake?: string) {
  const frame = { ...c.var.frame, here: `/sso/second?url=${encodeURIComponent(url)}` }
  const { t } = frame
  const hidden = html`<input type="hidden" name="url" value="${url}">`
  return page(
    frame,
    t('second.title'),
    html`${told(mistake, 'bad')}
      <form class="panel narrow" method="post" action="/sso/second">
        ${input({ name: 'code', label: t('second.code'), hint: t('second.code-hint'), more: 'required autofocus inputmode="numeric" autocomplete="one-time-code" maxlength="10"' })}
        ${hidden}
        <button>${t('sign-in.button')}</button>
      </form>
      <details class="panel narrow">
        <summary>${t('second.lost')}</summary>
        <form method="post" action="/sso/second">
          ${input({ name: 'code', id: 'recovery', label: t('second.recovery'), hint: t('second.recovery-hint'), more: 'required autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="40"' })}
          ${hidden}
          <button>${t('sign-in.button')}</button>
        </form>
      </details>
      ${await passkeyButton(c, parts, url)}`,
  )
}
