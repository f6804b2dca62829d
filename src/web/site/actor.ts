import { type DomainName, domainOf } from '../../lib/address.ts'
import type { DirectoryReader } from '../../ports/directory-reader.ts'
import type { UserRow } from '../../ports/directory-rows.ts'

/** Who may administer something: everything, or the domains that he manages. Mailu: `access.py`. */
export interface Actor {
  readonly user: UserRow
  readonly isGlobal: boolean
  /** Those that he manages by a grant; of a global admin they mean nothing. */
  readonly domains: ReadonlySet<DomainName>
}

/** Who may see a page: global admins alone, or everybody who manages a domain as well. */
export type Audience = 'global admins' | 'managers too'

/** Undefined for everybody who administers nothing. */
export async function actorOf(
  admin: Pick<DirectoryReader, 'managers'>,
  user: UserRow,
): Promise<Actor | undefined> {
  const domains = new Set((await admin.managers(user.address)).map(({ domain }) => domain))
  return user.globalAdmin || domains.size > 0 ? { user, isGlobal: user.globalAdmin, domains } : undefined
}

export const manages = ({ isGlobal, domains }: Actor, domain: DomainName): boolean =>
  isGlobal || domains.has(domain)

/** A manager changes the people of his domains and himself, but nobody above him: no global admin, and nobody who manages a domain that he does not. */
export async function outranks(
  admin: Pick<DirectoryReader, 'managers'>,
  actor: Actor,
  other: Pick<UserRow, 'address' | 'globalAdmin'>,
): Promise<boolean> {
  if (actor.isGlobal) return true
  if (!manages(actor, domainOf(other.address))) return false
  if (other.address === actor.user.address) return true
  if (other.globalAdmin) return false
  const managed = await admin.managers(other.address)
  return managed.every(({ domain }) => actor.domains.has(domain))
}
