import type { Hono } from 'hono'
import { senderRoutes } from '../senders.ts'
import type { Env } from '../site/visit.ts'
import { at } from './page.ts'
import type { AdminParts } from './parts.ts'

/** Senders whom nobody here is to hear of, or everybody. */
export function commonSenders({ admin, senders }: AdminParts): Hono<Env> {
  return senderRoutes({
    admin,
    lists: senders,
    owner: () => undefined,
    home: (c) => at(c, '/senders'),
    about: 'senders.what-for-all',
  })
}
