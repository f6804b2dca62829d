import { type Context, type Handler, Hono } from 'hono'
import { html } from 'hono/html'
import { proxy } from 'hono/proxy'
import type { AttachedApp } from '../../lib/attached-app.ts'
import type { Log } from '../../ports/runtime.ts'
import type { SessionPasswords } from '../../ports/web-sessions.ts'
import { page } from '../site/page.ts'
import { type Env, isOwnOrigin, wrongRequest } from '../site/visit.ts'

interface AttachedParts {
  readonly apps: readonly AttachedApp[]
  readonly passwords: SessionPasswords
  readonly log: Log
}

/** What applications believe of whoever stands in front: only we say it. Many read `_` as `-`, as CGI made them; `Proxy` was its as well. */
const ours = /^(?:(?:x-)?remote-|x-forwarded-|x-real-ip$|x-script-name$|forwarded$|proxy$)/
/** RFC 9110 §7.6.1: what is agreed between a browser and us. */
const between =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings|expect)$/
const ourCookies = new Set([
  ...['session', '__Host-session', 'half-signed-in', '__Host-half-signed-in'],
  ...['begun-elsewhere', '__Host-begun-elsewhere'],
  ...['rate_limit', 'language'],
])

/** Mailu attaches its webmail and the filter's pages in the same way. */
export function attachedApps({ apps, passwords, log }: AttachedParts): Hono<Env> {
  const routes = new Hono<Env>()
  for (const app of apps) {
    const handler: Handler<Env> = async (c) => {
      const refusal = refused(c, app)
      if (refusal) return refusal
      if (c.env.lead) return led(c, app, passwords)
      try {
        return await asked(c, app, passwords)
      } catch (cause) {
        if (c.req.raw.signal.aborted) return c.body(null, 499 as 400)
        log.error('web.attached-app-away', cause, { path: app.path, target: app.target.href })
        return notThere(c)
      }
    }
    routes.all(app.path, handler).all(`${app.path}/*`, handler)
  }
  return routes
}

export const isAttached = (apps: readonly AttachedApp[], path: string): boolean =>
  apps.some((app) => path === app.path || path.startsWith(`${app.path}/`))

function refused(c: Context<Env>, { access }: AttachedApp) {
  const user = c.get('user')
  if (access === 'open') return undefined
  if (user?.mustChangePassword) return c.redirect('/sso/pw_change', 303)
  if (user) return access !== 'admin' || user.globalAdmin ? undefined : c.notFound()
  const { pathname, search } = new URL(c.req.url)
  return c.redirect(`/sso/login?${new URLSearchParams({ url: pathname + search }).toString()}`, 303)
}

/** The same request, in our words. */
function onwardRequest(c: Context<Env>, app: AttachedApp, passwords: SessionPasswords) {
  const { pathname, search, host } = new URL(c.req.url)
  // By its places: letters of its own name may be percent-encoded.
  const below = pathname.split('/').slice(app.path.split('/').length).join('/')
  const base = app.target.href.replace(/\/?$/, '/')
  const url = `${base}${below}${search}`
  const headers = new Headers(c.req.raw.headers)
  withoutBetween(headers)
  for (const name of [...headers.keys()]) if (ours.test(name.replaceAll('_', '-'))) headers.delete(name)
  const cookies = othersCookies(headers.get('cookie') ?? '')
  headers.delete('cookie')
  if (cookies) headers.set('Cookie', cookies)
  headers.set('X-Real-IP', c.env.client.ip)
  headers.set('X-Forwarded-For', c.env.client.ip)
  headers.set('X-Forwarded-Host', host)
  headers.set('X-Forwarded-Proto', c.env.client.secure ? 'https' : 'http')
  headers.set('X-Script-Name', app.path)
  const user = c.get('user')
  const session = c.get('sessionId')
  if (user && app.access !== 'open') headers.set('X-Remote-User', user.address)
  if (session !== undefined && app.access === 'mail')
    headers.set('X-Remote-User-Token', passwords.of(session))
  return { base, url, headers }
}

async function asked(c: Context<Env>, app: AttachedApp, passwords: SessionPasswords): Promise<Response> {
  const { base, url, headers } = onwardRequest(c, app, passwords)
  const { method, body, signal } = c.req.raw
  const hasBody = method !== 'GET' && method !== 'HEAD' && body !== null
  const answer = await proxy(url, {
    method,
    headers,
    signal,
    redirect: 'manual',
    ...(hasBody && { body, duplex: 'half' }),
  })
  return cleaned(answer, app, base)
}

function withoutBetween(headers: Headers): void {
  const agreed = (headers.get('connection') ?? '').toLowerCase().split(/\s*,\s*/)
  for (const name of [...headers.keys()])
    if (agreed.includes(name) || between.test(name)) headers.delete(name)
}

/** RFC 6455 §10.2: a page of another site opens none in the name of whoever looks at it. What is no browser says no origin. */
function led(c: Context<Env>, app: AttachedApp, passwords: SessionPasswords) {
  const origin = c.req.header('origin')
  if (origin !== undefined && !isOwnOrigin(origin, c)) return wrongRequest(c, 403)
  const { url, headers } = onwardRequest(c, app, passwords)
  headers.set('Connection', 'Upgrade')
  headers.set('Upgrade', 'websocket')
  const user = c.get('user')
  const session = c.get('sessionId')
  const whose =
    user && session !== undefined && app.access !== 'open'
      ? { account: user.account, address: user.address, session, asAdmin: app.access === 'admin' }
      : undefined
  c.env.lead?.({ kind: 'onward', target: url, headers: [...headers], whose })
  return c.body(null, 204)
}

/** The session of our pages is nobody else's. */
function othersCookies(line: string): string {
  return line
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '' && !ourCookies.has(cookie.split('=', 1)[0]?.trim() ?? ''))
    .join('; ')
}

/** Leads back to where the application is here, and sets no cookie of ours. */
function cleaned(answer: Response, app: AttachedApp, base: string): Response {
  const { headers } = answer
  withoutBetween(headers)
  const location = headers.get('location')
  if (location !== null) headers.set('Location', hereFor(location, app, base))
  const cookies = headers.getSetCookie()
  headers.delete('set-cookie')
  for (const cookie of cookies) {
    if (!ourCookies.has(cookie.split('=', 1)[0]?.trim() ?? '')) headers.append('Set-Cookie', cookie)
  }
  return answer
}

function hereFor(location: string, { path, target }: AttachedApp, base: string): string {
  // It knows its path here.
  if (location.startsWith(`${path}/`)) return location
  const isOwn = location.startsWith('/') && !location.startsWith('//')
  const absolute = isOwn ? `${target.origin}${location}` : location
  return absolute.startsWith(base) ? `${path}/${absolute.slice(base.length)}` : location
}

function notThere(c: Context<Env>) {
  const frame = c.get('frame')
  c.header('Retry-After', '60')
  return c.html(page(frame, frame.t('attached.away-title'), html`<p>${frame.t('attached.away')}</p>`), 502)
}
