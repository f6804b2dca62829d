import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Address } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { CredentialVerifier, DeviceCookies, LoginVerdict } from '../../ports/credentials.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { WebSessions } from '../../ports/web-sessions.ts'
import { page } from '../site/page.ts'
import {
  dropSession,
  type Env,
  fieldsOf,
  keepLanguage,
  keepSession,
  later,
  ownPath,
  seenOf,
} from '../site/visit.ts'
import { isLanguage } from '../texts/texts.ts'
import { passwordForm } from './password-form.ts'
import { signInPage } from './sign-in-page.ts'

export interface SignInParts {
  readonly sessions: WebSessions
  readonly credentials: CredentialVerifier
  readonly devices: DeviceCookies
  readonly admin: DirectoryAdmin
  /** PERMANENT_SESSION_LIFETIME. */
  readonly sessionSeconds: number
}

const home = '/account'
/** Mailu's name and place. */
const deviceCookie = { name: 'rate_limit', path: '/sso/login', seconds: 365 * 24 * 3600 }

/** Signing in and out. Mailu: `/sso`. */
export function signInRoutes(parts: SignInParts): Hono<Env> {
  const { sessions, credentials, devices } = parts
  const routes = new Hono<Env>()

  routes.get('/login', (c) => {
    const url = ownPath(c.req.query('url'), home)
    if (c.get('user')) return c.redirect(url, 303)
    return c.html(signInPage(c.get('frame'), { url }))
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
    if (verdict.kind !== 'accepted') return refused(c, verdict, { url, login })
    if (!(await begin(c, parts, verdict.account))) return refused(c, { kind: 'later' }, { url, login })
    setCookie(c, deviceCookie.name, await devices.issue(verdict.address), {
      path: deviceCookie.path,
      httpOnly: true,
      secure: c.env.client.secure,
      sameSite: 'Strict',
      maxAge: deviceCookie.seconds,
    })
    return c.redirect(url, 303)
  })

  routes.on(['GET', 'POST'], '/logout', async (c) => {
    const [user, id] = [c.get('user'), c.get('sessionId')]
    // A link of another site brings no cookie, and signs nobody out.
    if (!user || id === undefined) return c.redirect('/sso/login', 303)
    if ((await sessions.end(user.account, id)).kind === 'later') return later(c)
    dropSession(c)
    return c.redirect('/sso/login', 303)
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
    const { frame } = c.var
    const user = c.get('user')
    if (!user) return c.redirect('/sso/login', 303)
    const mistake = await changePassword(c, parts, user)
    if (mistake === undefined) return c.redirect(home, 303)
    return c.html(
      page(frame, frame.t('password.must-change'), passwordForm(frame, '/sso/pw_change', mistake)),
      422,
    )
  })
  return routes
}

/** False where it cannot be written down now. */
async function begin(c: Context<Env>, parts: SignInParts, account: AccountId): Promise<boolean> {
  const begun = await parts.sessions.begin(account, seenOf(c))
  if (begun.kind === 'begun') keepSession(c, begun.key, parts.sessionSeconds)
  return begun.kind === 'begun'
}

function refused(
  c: Context<Env>,
  verdict: Pick<Exclude<LoginVerdict, { kind: 'accepted' }>, 'kind'> & {
    readonly retryAfterSeconds?: number
  },
  asked: { readonly url: string; readonly login: string },
) {
  const { frame } = c.var
  const { retryAfterSeconds = 60 } = verdict
  const minutes = Math.ceil(retryAfterSeconds / 60)
  switch (verdict.kind) {
    case 'refused':
      return c.html(signInPage(frame, { ...asked, mistake: frame.t('sign-in.refused') }), 401)
    case 'throttled':
      c.header('Retry-After', String(retryAfterSeconds))
      return c.html(
        signInPage(frame, { ...asked, mistake: frame.t('sign-in.throttled', { count: minutes }) }),
        429,
      )
    case 'later':
      c.header('Retry-After', '60')
      return c.html(signInPage(frame, { ...asked, mistake: frame.t('trouble.later') }), 503)
  }
}

const shortest = 8

/** Undefined where it is changed: every session has ended then, and this browser has a new one. Otherwise what is wrong. */
export async function changePassword(
  c: Context<Env>,
  parts: SignInParts,
  { address, account }: { readonly address: Address; readonly account: AccountId },
): Promise<string | undefined> {
  const { t } = c.get('frame')
  const field = await fieldsOf(c)
  const [old, password] = [field('oldpw'), field('pw')]
  if (password.length < shortest) return t('password.too-short', { count: shortest })
  if (password !== field('pw2')) return t('password.differ')
  if (password === old) return t('password.same')
  const { ip, connectionId } = c.env.client
  const verdict = await parts.credentials.verify({
    login: address,
    password: old,
    service: 'web',
    ip,
    connection: connectionId,
  })
  if (verdict.kind === 'refused') return t('password.old-wrong')
  if (verdict.kind === 'throttled')
    return t('sign-in.throttled', { count: Math.ceil(verdict.retryAfterSeconds / 60) })
  if (verdict.kind === 'later') return t('trouble.later')
  const changed = await parts.admin.set('user', address, { password, mustChangePassword: false }, address)
  if (changed.kind === 'refused') return changed.text
  if (changed.kind !== 'changed') return t('trouble.later')
  // It is changed, come what may: without a new session the next page asks for it.
  await begin(c, parts, account)
  return undefined
}
