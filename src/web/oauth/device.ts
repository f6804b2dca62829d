import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { signedIn } from '../account/routes.ts'
import { here } from '../account/settings-page.ts'
import { input, told } from '../site/form.ts'
import { page } from '../site/page.ts'
import { type Env, fieldsOf, later } from '../site/visit.ts'
import { retryAfter } from '../sso/retry-after.ts'
import type { OAuthPageParts } from './authorize.ts'
import { decision, mistakePage, scopeList } from './pages.ts'

/** RFC 8628 §3.3: where the code is typed that a device shows. */
export function deviceRoutes({ oauth }: OAuthPageParts): Hono<Env> {
  const routes = new Hono<Env>()
  routes.use(signedIn)

  routes.get('/', (c) => c.html(codePage(c, { code: c.req.query('user_code') ?? '' })))

  routes.post('/', async (c) => {
    const { t } = c.var.frame
    const { account } = here(c)
    const field = await fieldsOf(c)
    const code = field('user_code').slice(0, 40)
    // Every one counts, also of those who decide: else that would say whether a code is right.
    const wait = await oauth.requests.wait('user code', `account ${account}`)
    if (wait > 0) {
      const count = retryAfter(c, { retryAfterSeconds: wait })
      return c.html(codePage(c, { code, mistake: t('sign-in.throttled', { count }) }), 429)
    }
    const said = field('decision')
    return said === '' ? ask(c, code) : decide(c, code, said === 'allow')
  })

  async function ask(c: Context<Env>, userCode: string) {
    const { frame } = c.var
    const { t } = frame
    const found = await oauth.devices.asked(userCode)
    if (found.kind === 'missing') return wrongCode(c, userCode)
    const { name } = found.client
    const content = html`<form class="panel" method="post" action="/oauth/device">
        <p>${t('oauth.may', { name, address: here(c).address })}</p>
        ${scopeList(frame, found.scopes)}
        <p><strong>${t('oauth.device-warning')}</strong></p>
        <input type="hidden" name="user_code" value="${userCode}">
        ${decision(frame)}
      </form>`
    return c.html(page(frame, t('oauth.title', { name }), content))
  }

  async function decide(c: Context<Env>, userCode: string, allows: boolean) {
    const { frame } = c.var
    const { t } = frame
    const answered = await oauth.devices.answer({ userCode, session: c.get('sessionId') ?? '', allows })
    switch (answered.kind) {
      case 'answered': {
        const text = t(allows ? 'oauth.device-allowed' : 'oauth.device-denied')
        return c.html(page(frame, t('oauth.device'), told(text, allows ? 'good' : 'bad')))
      }
      case 'missing':
        return wrongCode(c, userCode)
      case 'over':
        return mistakePage(c, t('sign-in.over'))
      case 'later':
        return later(c)
    }
  }

  const wrongCode = (c: Context<Env>, code: string) =>
    c.html(codePage(c, { code, mistake: c.var.frame.t('oauth.code-wrong') }), 422)
  return routes
}

function codePage(c: Context<Env>, { code, mistake }: { readonly code: string; readonly mistake?: string }) {
  const { frame } = c.var
  const { t } = frame
  const more =
    'required autofocus autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20"'
  return page(
    frame,
    t('oauth.device'),
    html`${told(mistake, 'bad')}
      <form class="panel narrow" method="post" action="/oauth/device">
        ${input({ name: 'user_code', label: t('oauth.code'), value: code, hint: t('oauth.code-hint'), more })}
        <button>${t('oauth.continue', { name: frame.siteName })}</button>
      </form>`,
  )
}
