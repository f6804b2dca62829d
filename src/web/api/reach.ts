import type { Address, DomainName } from '../../lib/address.ts'
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
  const isAdmin = asked.user !== undefined && (await admin.user(asked.user))?.globalAdmin === true
  const hasAdmin =
    asked.domain !== undefined && (await admin.users(asked.domain)).some(({ globalAdmin }) => globalAdmin)
  if (!isAdmin && !hasAdmin && asked.makesAdmin !== true) return undefined
  return { kind: 'refused', status: 403, text: 'Only a key with all:write changes administrators.' }
}
