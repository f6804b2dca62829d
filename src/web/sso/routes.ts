import { type Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { isLanguage } from '../../lib/page-languages.ts'
import type { Refused, Throttled } from '../../ports/credentials.ts'
import type { TryLater } from '../../ports/runtime.ts'
import { page } from '../site/page.ts'
import { dropSession, type Env, fieldsOf, keepLanguage, later, ownPath, seenOf } from '../site/visit.ts'
import { changePassword } from './change-password.ts'
import { elsewhereRoutes } from './elsewhere.ts'
import { deviceCookie, enter, type SignInParts, signInAt } from './enter.ts'
import { passkeySite } from './passkey-form.ts'
import { passwordForm } from './password-form.ts'
import { byProxy, type ProxyParts } from './proxy-sign-in.ts'
import { type RegisterParts, registerRoutes } from './register-domain.ts'
import { retryAfter } from './retry-after.ts'
import { secondStepRoutes } from './second-step.ts'
import { type SignUpParts, signUpRoutes } from './sign-up.ts'

const home = '/account'

export interface SignInRouteParts extends ProxyParts, SignUpParts, RegisterParts {
  readonly logoutUrl: string | undefined
}

/** Signing in and out. Mailu: `/sso`. */
export function signInRoutes(parts: SignInRouteParts): Hono<Env> {
  const { sessions, credentials } = parts
  const routes = new Hono<Env>()

  routes.get('/login', async (c) => {
    const url = ownPath(c.req.query('url'), home)
    const user = c.get('user')
    const again = c.req.query('again') !== undefined
    if (user && !again) return c.redirect(url, 303)
    const entered = await byProxy(c, parts, url)
    if (entered) return entered
    const isOut = c.req.query('out') !== undefined
    return c.html(await signInAt(c, parts, { url, isOut, ...(user && { login: user.address, again }) }))
  })

  routes.post('/login', async (c) => {
    const field = await fieldsOf(c)
    const url = ownPath(field('url'), home)
    const login = field('email')
    const verdict = await credentials.verify({
      login,
      password: field('pw'),
      service: 'web',
      ip: c.env.client.ip,
      connection: c.env.client.connectionId,
      client: seenOf(c).browser,
      device: getCookie(c, deviceCookie.name) ?? '',
    })
    return verdict.kind === 'accepted'
      ? enter(c, parts, verdict, url)
      : refused(c, parts, verdict, { url, login })
  })

  routes.route('/second', secondStepRoutes(parts))
  routes.route('/signup', signUpRoutes(parts))
  routes.route('/domain', registerRoutes(parts))
  routes.route('/oidc', elsewhereRoutes(parts))

  routes.post('/passkey', async (c) => {
    const field = await fieldsOf(c)
    const url = ownPath(field('url'), home)
    const { ip, connectionId: connection } = c.env.client
    const site = passkeySite(c, parts.hostname)
    const verdict = site && (await parts.passkeys.check({ answer: field('answer'), site, ip, connection }))
    if (verdict?.kind === 'accepted') return enter(c, parts, verdict, url)
    if (verdict?.kind === 'later') return later(c)
    return c.html(await signInAt(c, parts, { url, mistake: c.var.frame.t('passkey.refused') }), 401)
  })

  routes.on(['GET', 'POST'], '/logout', async (c) => {
    const [user, id] = [c.get('user'), c.get('sessionId')]
    // A link of another site brings no cookie, and signs nobody out.
    if (!user || id === undefined) return c.redirect('/sso/login', 303)
    if ((await sessions.end(user.account, id)).kind === 'later') return later(c)
    dropSession(c)
    const wasElsewhere = c.get('signedInBy') === 'provider' && parts.providerName !== undefined
    return c.redirect(parts.logoutUrl ?? (wasElsewhere ? '/sso/login?out' : '/sso/login'), 303)
  })

  routes.post('/language', async (c) => {
    const field = await fieldsOf(c)
    if (isLanguage(field('language'))) keepLanguage(c, field('language'))
    return c.redirect(ownPath(field('url'), '/'), 303)
  })

  // A password that somebody else has chosen is changed before anything else.
  routes.get('/pw_change', (c) => {
    const { frame } = c.var
    if (!c.get('user')) return c.redirect('/sso/login', 303)
    return c.html(page(frame, frame.t('password.must-change'), passwordForm(frame, '/sso/pw_change')))
  })
  routes.post('/pw_change', async (c) => {
    const user = c.get('user')
    if (!user) return c.redirect('/sso/login', 303)
    const title = c.var.frame.t('password.must-change')
    return changePassword(c, parts, { user, title, path: '/sso/pw_change', next: home })
  })
  return routes
}

async function refused(
  c: Context<Env>,
  parts: SignInParts,
  verdict: Refused | Throttled | TryLater,
  asked: { readonly url: string; readonly login: string },
) {
  const { frame } = c.var
  const again = (mistake: string) => signInAt(c, parts, { ...asked, mistake })
  switch (verdict.kind) {
    case 'refused':
      return c.html(await again(frame.t('sign-in.refused')), 401)
    case 'throttled':
      return c.html(await again(frame.t('sign-in.throttled', { count: retryAfter(c, verdict) })), 429)
    case 'later':
      c.header('Retry-After', '60')
      return c.html(await again(frame.t('trouble.later')), 503)
  }
}
