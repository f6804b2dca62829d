import type { AdminPage } from '../page.ts'
import { auditRoutes } from './audit.ts'
import { certificateRoutes } from './certificates.ts'
import { dnsRoutes } from './dns.ts'
import { fetchRoutes } from './fetches.ts'
import { historyRoutes } from './history.ts'
import type { OpsParts } from './parts.ts'
import { queueRoutes } from './queue.ts'
import { reportRoutes } from './reports.ts'
import { resolverRoutes } from './resolver.ts'
import { signInRoutes } from './sign-ins.ts'
import { systemRoutes } from './system.ts'
import { userMailRoutes } from './user-mail.ts'
import { userSessionRoutes } from './user-sessions.ts'

/** How the server does, and what it did: the pages of those who keep it running. */
export function opsPages(parts: OpsParts): readonly AdminPage[] {
  return [
    { path: '/dns', nav: 'nav.dns', who: 'managers too', routes: dnsRoutes(parts) },
    { path: '/reports', nav: 'nav.reports', who: 'managers too', routes: reportRoutes(parts) },
    { path: '/history', nav: 'nav.history', who: 'managers too', routes: historyRoutes(parts) },
    { path: '/sessions', nav: undefined, who: 'managers too', routes: userSessionRoutes(parts) },
    { path: '/mail', nav: undefined, who: 'managers too', routes: userMailRoutes(parts) },
    { path: '/queue', nav: 'nav.queue', who: 'global admins', routes: queueRoutes(parts) },
    { path: '/fetches', nav: 'nav.fetches', who: 'global admins', routes: fetchRoutes(parts) },
    { path: '/audit', nav: 'nav.audit', who: 'global admins', routes: auditRoutes(parts) },
    { path: '/system', nav: 'nav.system', who: 'global admins', routes: systemRoutes(parts) },
    { path: '/certificates', nav: undefined, who: 'global admins', routes: certificateRoutes(parts) },
    { path: '/sign-ins', nav: undefined, who: 'global admins', routes: signInRoutes(parts) },
    { path: '/resolver', nav: undefined, who: 'global admins', routes: resolverRoutes(parts) },
  ]
}
