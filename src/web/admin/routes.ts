import { Hono, type MiddlewareHandler } from 'hono'
import { signedIn } from '../account/routes.ts'
import type { Env } from '../site/visit.ts'
import { type AdminPage, at, forbidden, globalAdminsOnly } from './page.ts'

/** What global admins and managers of domains see. Mailu: WEB_ADMIN. */
export function adminRoutes(pages: readonly AdminPage[]): Hono<Env> {
  const routes = new Hono<Env>()
  routes.use(signedIn)
  // Mailu keeps everybody's own pages here, too
  routes.get('/', (c) => c.redirect(c.get('actor') ? at(c, '/domain') : '/account', 303))
  routes.use(administering)
  for (const { path, who, routes: own } of pages) {
    if (who === 'global admins') routes.use(`${path}/*`, globalAdminsOnly)
    routes.route(path, own)
  }
  return routes
}

const administering: MiddlewareHandler<Env> = async (c, next) => {
  if (!c.get('actor')) return forbidden(c)
  await next()
  return undefined
}
