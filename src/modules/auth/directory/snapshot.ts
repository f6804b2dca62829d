import { type Address, type DomainName, domainOf, localPartOf } from '../../../lib/address.ts'
import { here } from '../../../lib/old-server.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { AliasRow, DomainRow, Grant, RelayRow } from '../../../ports/directory-rows.ts'
import type { DirectoryRows, Token, User } from './rows.ts'

/** All that look-ups need, in memory. Never changed: a write to the directory makes a new one. */
export interface Snapshot {
  /** By name. */
  readonly domains: ReadonlyMap<DomainName, DomainRow>
  /** Hosted names to the domain they mean: domains to themselves, alternatives to their domain. */
  readonly mainDomains: ReadonlyMap<DomainName, DomainName>
  readonly relays: ReadonlyMap<DomainName, RelayRow>
  readonly users: ReadonlyMap<Address, User>
  readonly byAccount: ReadonlyMap<AccountId, User>
  /** In the order of their numbers. */
  readonly accounts: readonly User[]
  readonly tokens: ReadonlyMap<AccountId, readonly Token[]>
  /** Who is asked for a second factor, and whose password opens no mail program. */
  readonly guarded: ReadonlySet<AccountId>
  readonly aliases: ReadonlyMap<string, Alias>
  /** Of a domain, the patterns that are on; the longest first. */
  readonly wildcards: ReadonlyMap<DomainName, readonly Wildcard[]>
  /** Of a domain, those who may send as any address of it. */
  readonly spoofers: ReadonlyMap<DomainName, ReadonlySet<AccountId>>
  readonly managers: readonly Grant[]
  /** Some people's mail is on another server still. */
  readonly isAnybodyElsewhere: boolean
}

interface Alias extends AliasRow {
  /** Neither switched off, nor of an owner who is. */
  readonly isOn: boolean
}

interface Wildcard {
  readonly pattern: string
  readonly alias: Alias
}

export function takeSnapshot({
  domains,
  relays,
  users,
  aliases,
  tokens,
  managers,
  guarded,
}: DirectoryRows): Snapshot {
  const byAddress = new Map(users.map((user) => [user.address, user]))
  const known = aliases.map((alias) => ({ ...alias, isOn: isOn(alias, byAddress) }))
  return {
    domains: new Map(domains.map((domain) => [domain.name, domain])),
    mainDomains: new Map(
      domains.flatMap(({ name, alternatives }) => [name, ...alternatives].map((other) => [other, name])),
    ),
    relays: new Map(relays.map((relay) => [relay.name, relay])),
    users: byAddress,
    byAccount: new Map(users.map((user) => [user.account, user])),
    accounts: users.toSorted((a, b) => a.account - b.account),
    tokens: Map.groupBy(tokens, ({ account }) => account),
    guarded: new Set(guarded),
    aliases: new Map(known.map((alias) => [alias.address, alias])),
    wildcards: wildcardsByDomain(known),
    spoofers: spoofersByDomain(users),
    managers,
    isAnybodyElsewhere: [...domains, ...users].some(
      ({ oldServer }) => oldServer !== '' && oldServer !== here,
    ),
  }
}

function isOn({ disabled, owner }: AliasRow, users: ReadonlyMap<Address, User>): boolean {
  return !disabled && (owner === '' || users.get(owner)?.enabled === true)
}

function wildcardsByDomain(aliases: readonly Alias[]): Map<DomainName, Wildcard[]> {
  const on = aliases.filter((alias) => alias.wildcard && alias.isOn)
  const wildcards = on.map((alias) => ({ pattern: localPartOf(alias.address as Address), alias }))
  return Map.groupBy(wildcards.toSorted(longestFirst), ({ alias }) => domainOf(alias.address as Address))
}

// Among equally long ones the alphabet decides, so that the answer never depends on who was added first.
function longestFirst(a: Wildcard, b: Wildcard): number {
  return b.pattern.length - a.pattern.length || (a.pattern < b.pattern ? -1 : 1)
}

function spoofersByDomain(users: readonly User[]): Map<DomainName, Set<AccountId>> {
  const byDomain = Map.groupBy(
    users.filter((user) => user.allowSpoofing),
    ({ address }) => domainOf(address),
  )
  return new Map(
    [...byDomain].map(([domain, spoofers]) => [domain, new Set(spoofers.map(({ account }) => account))]),
  )
}
