import { adminListRoutes } from './admins.ts'
import { aliasRoutes } from './aliases/routes.ts'
import { announcementRoutes } from './announcements.ts'
import { applicationRoutes } from './applications.ts'
import { configRoutes } from './config.ts'
import { grantRoutes } from './domains/grants.ts'
import { domainRoutes } from './domains/routes.ts'
import { keyPage } from './keys/routes.ts'
import { opsPages } from './ops/pages.ts'
import type { AdminPage } from './page.ts'
import type { AdminParts } from './parts.ts'
import { relayRoutes } from './relays.ts'
import { commonSenders } from './senders.ts'
import { userRoutes } from './users/routes.ts'

/** Every page of the administration, in the order of the navigation. Read this first. */
export function adminPages(parts: AdminParts): readonly AdminPage[] {
  const { admin, apiKeys } = parts
  return [
    { path: '/domain', nav: 'nav.domains', who: 'managers too', routes: domainRoutes(parts) },
    { path: '/user', nav: 'nav.users', who: 'managers too', routes: userRoutes(parts) },
    { path: '/alias', nav: 'domains.aliases', who: 'managers too', routes: aliasRoutes(admin) },
    { path: '/manager', nav: undefined, who: 'managers too', routes: grantRoutes(admin, 'manager') },
    { path: '/access', nav: undefined, who: 'managers too', routes: grantRoutes(admin, 'access') },
    { path: '/relay', nav: 'nav.relays', who: 'global admins', routes: relayRoutes(admin) },
    { path: '/application', nav: 'nav.applications', who: 'global admins', routes: applicationRoutes(parts) },
    { path: '/admin', nav: 'nav.admins', who: 'global admins', routes: adminListRoutes(admin) },
    { path: '/senders', nav: 'nav.senders', who: 'global admins', routes: commonSenders(parts) },
    {
      path: '/announcement',
      nav: 'nav.announcements',
      who: 'global admins',
      routes: announcementRoutes(parts),
    },
    ...opsPages({ admin, ...parts.operation }),
    ...(apiKeys ? [keyPage({ apiKeys })] : []),
    { path: '/config', nav: 'nav.config', who: 'global admins', routes: configRoutes(parts) },
  ]
}
