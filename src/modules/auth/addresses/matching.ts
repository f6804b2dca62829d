import { type Address, type DomainName, domainOf, localPartOf, parseAddress } from '../../../lib/address.ts'
import type { AliasRow } from '../../../ports/directory-rows.ts'
import type { User } from '../directory/rows.ts'
import { isOn, type Snapshot } from '../directory/snapshot.ts'
import { isLike } from './like.ts'

/** What an address of a hosted domain stands for. */
export type Match =
  | { readonly kind: 'user'; readonly user: User; readonly detail: string | undefined }
  | { readonly kind: 'alias'; readonly destinations: readonly Address[] }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'foreign' }

/**
 * Finds who an address means; read this first. In order: the user, the user of `user+detail`, the exact alias, the exact
 * alias of `alias+detail` with the detail handed on, the wildcard of the part before the delimiter, the wildcard of the whole.
 * An alternative domain is its domain. So a user always wins, and a catch-all never takes what has an owner.
 */
export function matchAddress(snapshot: Snapshot, delimiters: string, address: Address): Match {
  const domain = snapshot.mainDomains.get(domainOf(address))
  if (domain === undefined) return { kind: 'foreign' }
  const local = localPartOf(address)
  // A local part that needs its quotes is nobody's.
  if (local.startsWith('"')) return { kind: 'nobody' }
  const { base, detail } = splitDetail(local, delimiters)
  return (
    matchUser(snapshot, domain, local, base, detail) ??
    matchExactAlias(snapshot, domain, local, '') ??
    (base === undefined ? undefined : matchExactAlias(snapshot, domain, base, detail)) ??
    (base === undefined ? undefined : matchWildcard(snapshot, domain, base)) ??
    matchWildcard(snapshot, domain, local) ?? { kind: 'nobody' }
  )
}

/** Cuts at the first character that is a delimiter; `detail` keeps it. No delimiter, no base. */
function splitDetail(local: string, delimiters: string): { base: string | undefined; detail: string } {
  const base = Array.from(local).findIndex((character) => delimiters.includes(character))
  if (base < 0) return { base: undefined, detail: '' }
  const length = Array.from(local).slice(0, base).join('').length
  return { base: local.slice(0, length), detail: local.slice(length) }
}

function matchUser(
  { users }: Snapshot,
  domain: DomainName,
  local: string,
  base: string | undefined,
  detail: string,
): Match | undefined {
  const whole = users.get(`${local}@${domain}` as Address)
  if (whole) return userMatch(whole, undefined)
  const tagged = base === undefined ? undefined : users.get(`${base}@${domain}` as Address)
  return tagged && userMatch(tagged, detail.slice(1))
}

function userMatch(user: User, detail: string | undefined): Match {
  return user.enabled ? { kind: 'user', user, detail } : { kind: 'disabled' }
}

// One that is switched off refuses: its owner wants no more of that mail, not even by way of a catch-all.
function matchExactAlias(
  snapshot: Snapshot,
  domain: DomainName,
  local: string,
  detail: string,
): Match | undefined {
  const alias = snapshot.aliases.get(`${local}@${domain}`)
  if (!alias || alias.wildcard) return undefined
  if (!isOn(snapshot, alias)) return { kind: 'disabled' }
  return aliasMatch(alias, detail)
}

function matchWildcard(snapshot: Snapshot, domain: DomainName, local: string): Match | undefined {
  const patterns = snapshot.wildcards.get(domain)
  const found = patterns?.find(({ pattern, alias }) => isLike(local, pattern) && isOn(snapshot, alias))
  return found && aliasMatch(found.alias, '')
}

function aliasMatch(alias: AliasRow, detail: string): Match {
  if (alias.destination.length === 0) return { kind: 'nobody' }
  return { kind: 'alias', destinations: alias.destination.map((address) => withDetail(address, detail)) }
}

/** `joe@…` with `+news` is `joe+news@…`; where that would be too long, as it was. */
function withDetail(address: Address, detail: string): Address {
  if (detail === '') return address
  return parseAddress(`${localPartOf(address)}${detail}@${domainOf(address)}`) ?? address
}
