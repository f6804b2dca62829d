import { Hono } from 'hono'
import type { WebSessions } from '../../ports/web-sessions.ts'
import type { Env } from '../site/visit.ts'
import { retryAfter } from '../sso/retry-after.ts'
import { authorizeRoutes, type OAuthPageParts } from './authorize.ts'
import { networkOfClient } from './client.ts'
import { deviceRoutes } from './device.ts'
import { endSessionRoutes } from './end-session.ts'
import { fromHere, mistakePage } from './pages.ts'

/** What people see of our authorization server. */
export function oauthPages(parts: OAuthPageParts & { readonly sessions: WebSessions }): Hono<Env> {
  const routes = new Hono<Env>()
  routes.use(async (c, next) => {
    // RFC 6749 §3.1: over TLS alone.
    if (!c.env.client.secure) return c.notFound()
    const wait = await parts.oauth.requests.wait('page', networkOfClient(c.env.client.ip))
    if (wait === 0) return next()
    const count = retryAfter(c, { retryAfterSeconds: wait })
    return mistakePage(c, c.var.frame.t('sign-in.throttled', { count }), 429)
  })
  routes.use(fromHere)
  routes.route('/authorize', authorizeRoutes(parts))
  routes.route('/device', deviceRoutes(parts))
  routes.route('/end_session', endSessionRoutes(parts))
  return routes
}
