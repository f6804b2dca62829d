import type { Context } from 'hono'
import { parseAddress } from '../../../lib/address.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { UserRow } from '../../../ports/directory-rows.ts'
import { outranks } from '../../site/actor.ts'
import type { Env } from '../../site/visit.ts'
import { actorHere } from '../page.ts'

/** Whom the path names, if the actor may change him. There is no difference between nobody and somebody else's. */
export async function target(c: Context<Env>, admin: DirectoryAdmin): Promise<UserRow | undefined> {
  const address = parseAddress(c.req.param('address') ?? '')
  const user = address && (await admin.user(address))
  return user && (await outranks(admin, actorHere(c), user)) ? user : undefined
}
