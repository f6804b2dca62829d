import { domainRoutes } from './domains.ts'
import { opsPages } from './ops/pages.ts'
import type { AdminPage } from './page.ts'
import type { AdminParts } from './parts.ts'
import { userRoutes } from './users.ts'

/** Every page of the administration, in the order of the navigation. Read this first. */
export function adminPages(parts: AdminParts): readonly AdminPage[] {
  return [
    { path: '/domain', nav: 'nav.domains', who: 'managers too', routes: domainRoutes(parts) },
    { path: '/user', nav: 'nav.users', who: 'managers too', routes: userRoutes(parts) },
    ...opsPages({ admin: parts.admin, ...parts.operation }),
  ]
}
