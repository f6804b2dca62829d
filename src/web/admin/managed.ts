import type { Context } from 'hono'
import { parseAddress, parseDomain } from '../../lib/address.ts'
import type { DirectoryReader } from '../../ports/directory-reader.ts'
import type { DomainRow, UserRow } from '../../ports/directory-rows.ts'
import { manages, outranks } from '../site/actor.ts'
import type { Env } from '../site/visit.ts'
import { actorHere } from './page.ts'

/** The domain that the path names, if the actor manages it. There is no difference between none and somebody else's. */
export async function managedDomain(
  c: Context<Env>,
  admin: Pick<DirectoryReader, 'domains'>,
): Promise<DomainRow | undefined> {
  const name = parseDomain(c.req.param('domain') ?? '')
  if (name === undefined || !manages(actorHere(c), name)) return undefined
  return (await admin.domains()).find((domain) => domain.name === name)
}

/** Whom the path names, if the actor may change him. There is no difference between nobody and somebody else's. */
export async function managedUser(
  c: Context<Env>,
  admin: Pick<DirectoryReader, 'user' | 'managers'>,
): Promise<UserRow | undefined> {
  const address = parseAddress(c.req.param('address') ?? '')
  const user = address && (await admin.user(address))
  return user && (await outranks(admin, actorHere(c), user)) ? user : undefined
}
