import { type Address, type DomainName, domainOf } from '../../lib/address.ts'
import type { Answer } from './answer.ts'
import { type ApiPorts, type Asked, hasAll } from './operation.ts'

/** A key that may only do some things makes no administrator and does not become one: they, their passwords and sign-ins are out of its reach. */
export async function outOfReach(
  { admin }: Pick<ApiPorts, 'admin'>,
  scopes: Asked['scopes'],
  asked: {
    readonly user?: Address | undefined
    readonly makesAdmin?: boolean | undefined
    /** Passwords are shown to this server. */
    readonly oldServer?: string | undefined
    /** With all who are in it. */
    readonly domain?: DomainName
  },
): Promise<Answer | undefined> {
  if (hasAll(scopes)) return undefined
  if (asked.oldServer !== undefined)
    return { kind: 'refused', status: 403, text: 'Only a key with all:write says where mail still is.' }
  const isAdmin = asked.user !== undefined && (await rankOf(admin, asked.user))?.globalAdmin === true
  const hasAdmin = asked.domain !== undefined && (await hasAdminIn(admin, asked.domain))
  if (!isAdmin && !hasAdmin && asked.makesAdmin !== true) return undefined
  return { kind: 'refused', status: 403, text: 'Only a key with all:write changes administrators.' }
}

/** Also of somebody who is deleted soon: he may be taken back, and is again what he was. */
export async function rankOf(
  admin: Pick<ApiPorts['admin'], 'user' | 'departures'>,
  address: Address,
): Promise<{ readonly globalAdmin: boolean } | undefined> {
  return (await admin.user(address)) ?? (await admin.departures()).find(({ user }) => user === address)
}

async function hasAdminIn(admin: ApiPorts['admin'], domain: DomainName): Promise<boolean> {
  const leaving = (await admin.departures()).filter(({ user }) => domainOf(user) === domain)
  return [...(await admin.users(domain)), ...leaving].some(({ globalAdmin }) => globalAdmin)
}
