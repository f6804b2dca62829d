import { type Address, type DomainName, domainOf, localPartOf } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { AliasRow, DomainRow } from '../../../ports/directory-admin.ts'
import type { DirectoryRows, User } from './rows.ts'

/** All that look-ups need, in memory. Never changed: a write to the directory makes a new one. */
export interface Snapshot {
  /** By name. */
  readonly domains: ReadonlyMap<DomainName, DomainRow>
  /** Hosted names to the domain they mean: domains to themselves, alternatives to their domain. */
  readonly mainDomains: ReadonlyMap<DomainName, DomainName>
  readonly users: ReadonlyMap<Address, User>
  readonly byAccount: ReadonlyMap<AccountId, User>
  readonly aliases: ReadonlyMap<string, AliasRow>
  /** Of a domain, the enabled patterns; the longest first. */
  readonly wildcards: ReadonlyMap<DomainName, readonly Wildcard[]>
  /** Of a domain, those who may send as any address of it. */
  readonly spoofers: ReadonlyMap<DomainName, ReadonlySet<AccountId>>
}

interface Wildcard {
  readonly pattern: string
  readonly alias: AliasRow
}

export function takeSnapshot(rows: DirectoryRows): Snapshot {
  const users = rows.users
  return {
    domains: new Map(rows.domains.map((domain) => [domain.name, domain])),
    mainDomains: new Map(
      rows.domains.flatMap((domain) =>
        [domain.name, ...domain.alternatives].map((name) => [name, domain.name]),
      ),
    ),
    users: new Map(users.map((user) => [user.address, user])),
    byAccount: new Map(users.map((user) => [user.account, user])),
    aliases: new Map(rows.aliases.map((alias) => [alias.address, alias])),
    wildcards: wildcardsByDomain(rows.aliases),
    spoofers: spoofersByDomain(users),
  }
}

function wildcardsByDomain(aliases: readonly AliasRow[]): Map<DomainName, Wildcard[]> {
  const byDomain = new Map<DomainName, Wildcard[]>()
  for (const alias of aliases) {
    if (!alias.wildcard || alias.disabled) continue
    const address = alias.address as Address
    const list = byDomain.get(domainOf(address)) ?? []
    byDomain.set(domainOf(address), list)
    list.push({ pattern: localPartOf(address), alias })
  }
  for (const list of byDomain.values()) list.sort(longestFirst)
  return byDomain
}

// Among equally long ones the alphabet decides, so that the answer never depends on who was added first.
function longestFirst(a: Wildcard, b: Wildcard): number {
  return b.pattern.length - a.pattern.length || (a.pattern < b.pattern ? -1 : 1)
}

function spoofersByDomain(users: readonly User[]): Map<DomainName, Set<AccountId>> {
  const byDomain = new Map<DomainName, Set<AccountId>>()
  for (const user of users) {
    if (!user.allowSpoofing) continue
    const set = byDomain.get(domainOf(user.address)) ?? new Set()
    byDomain.set(domainOf(user.address), set.add(user.account))
  }
  return byDomain
}
