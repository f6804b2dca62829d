import { type Context, Hono } from 'hono'
import { parseDomain } from '../../../lib/address.ts'
import { forwardPage, replyPage, spamPage } from '../../account/mail-pages.ts'
import { settingsPage } from '../../account/settings-page.ts'
import { manages } from '../../site/actor.ts'
import type { Env } from '../../site/visit.ts'
import { managedUser } from '../managed.ts'
import { actorHere } from '../page.ts'
import type { AdminParts } from '../parts.ts'
import { createUser } from './create.ts'
import { editUser } from './edit.ts'
import { importRoutes } from './import.ts'
import { leavingRoutes } from './leaving.ts'
import { listUsers } from './list.ts'

/** People, to those who manage their domains. Mailu: `/user`. */
export function userRoutes(parts: AdminParts): Hono<Env> {
  const { admin } = parts
  const whose = (c: Context<Env>) => managedUser(c, admin)
  return new Hono<Env>()
    .get('/', (c) => listUsers(c, parts))
    .get('/list/:domain', (c) => {
      const domain = parseDomain(c.req.param('domain'))
      return domain !== undefined && manages(actorHere(c), domain)
        ? listUsers(c, parts, domain)
        : c.notFound()
    })
    .route('/', importRoutes(admin))
    .route('/', createUser(admin))
    .route('/', editUser(parts))
    .route('/', leavingRoutes(admin))
    .route('/forward/:address', settingsPage(admin, forwardPage, whose))
    .route('/reply/:address', settingsPage(admin, replyPage, whose))
    .route('/spam/:address', settingsPage(admin, spamPage, whose))
}
