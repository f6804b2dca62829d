import { randomInt } from 'node:crypto'
import { type DomainName, domainOf } from '../../lib/address.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { AliasRow, UserRow } from '../../ports/directory-rows.ts'
import type { Refusal } from '../../ports/directory-writer.ts'
import type { TryLater } from '../../ports/runtime.ts'
import { randomName } from './random-name.ts'

/** Of one person. Names that are tried again count for little; who makes more than this is a program. */
export const mostOwnAliases = 1_000

export interface WantedAlias {
  /** The web site that is to have it; empty where it is for none. */
  readonly hostname: string
  readonly note: string
  /** How many names are tried. ANONMAIL_MAX_RETRIES */
  readonly tries: number
}

type MadeAlias =
  | { readonly kind: 'made'; readonly address: string }
  /** In no domain may he make one. */
  | { readonly kind: 'no-domain' }
  | Refusal
  | TryLater

/** An anonymous alias, in one of the domains where its owner may have them. */
export async function makeOwnAlias(
  admin: DirectoryAdmin,
  user: UserRow,
  { hostname, note, tries }: WantedAlias,
): Promise<MadeAlias> {
  const allowed = await allowedDomains(admin, user)
  const domain = allowed[randomInt(Math.max(1, allowed.length))]
  if (domain === undefined) return { kind: 'no-domain' }
  if ((await ownAliases(admin, user)).length >= mostOwnAliases) {
    const text = `You have ${mostOwnAliases} anonymous aliases. Delete some.`
    return { kind: 'refused', reason: 'limit', text }
  }
  for (let left = tries; ; left--) {
    const address = `${randomName(hostname)}@${domain}`
    const row = { address, destination: [user.address], owner: user.address, hostname, comment: note }
    const added = await admin.add('alias', row, user.address)
    if (added.kind === 'added') return { kind: 'made', address }
    if (added.kind === 'later' || added.reason !== 'exists' || left <= 1) return added
  }
}

/** Mailu: those he manages or has access to, his own where it is open to all in it; an administrator's are all. */
export async function allowedDomains(admin: DirectoryAdmin, user: UserRow): Promise<readonly DomainName[]> {
  const domains = await admin.domains()
  if (user.globalAdmin) return domains.map(({ name }) => name)
  const grants = [...(await admin.managers()), ...(await admin.accesses())]
  const granted = new Set(grants.filter((grant) => grant.user === user.address).map(({ domain }) => domain))
  const own = domainOf(user.address)
  return domains
    .filter(({ name, anonmailEnabled }) => granted.has(name) || (anonmailEnabled && name === own))
    .map(({ name }) => name)
}

export const ownAliases = async (
  admin: Pick<DirectoryAdmin, 'aliases'>,
  { address }: Pick<UserRow, 'address'>,
): Promise<readonly AliasRow[]> => (await admin.aliases()).filter(({ owner }) => owner === address)
