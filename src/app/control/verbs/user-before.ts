import type { Address } from '../../../lib/address.ts'
import type { UserRow } from '../../../ports/directory-rows.ts'
import type { VerbPorts } from '../verb.ts'

/** The user, or nobody. */
export async function userBefore(admin: VerbPorts['admin'], who: Address): Promise<readonly UserRow[]> {
  const user = await admin.user(who)
  return user ? [user] : []
}
