import type { Address, DomainName } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Refusal } from '../../../ports/directory-writer.ts'
import { eq } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { users } from '../directory/schema.ts'
import { inUse, noSuchUser } from './refusals.ts'

/**
 * Takes a name for a domain, an alternative, a relay, a user or an alias. Asked first, because a statement that fails would
 * end the whole transaction on some databases; what is not seen here, the primary key of `claims` still refuses.
 */
export async function claim(
  rows: Repository,
  name: string,
  domain: DomainName,
): Promise<Refusal | undefined> {
  if ((await rows.domainOfClaim(name)) !== undefined) return inUse(name)
  await rows.claim(name, domain)
  return undefined
}

export async function accountOf(rows: Repository, address: Address): Promise<AccountId | Refusal> {
  const [user] = await rows.db
    .select({ account: users.account })
    .from(users)
    .where(eq(users.address, address))
  return user?.account ?? noSuchUser(address)
}
