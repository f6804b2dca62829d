import { type Address, type DomainName, domainOf, localPartOf } from '../../../lib/address.ts'
import { here } from '../../../lib/old-server.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { AliasRow, DomainRow, Grant, RelayRow } from '../../../ports/directory-rows.ts'
import type { DirectoryRows, Token, Touched, User } from './rows.ts'

/**
 * All that look-ups need, in memory. Its rows never change, but the whole follows what this process writes, between two turns of the
 * event loop: who waits for something asks for it again.
 */
export interface Snapshot {
  /** By name. */
  readonly domains: ReadonlyMap<DomainName, DomainRow>
  /** Hosted names to the domain they mean: domains to themselves, alternatives to their domain. */
  readonly mainDomains: ReadonlyMap<DomainName, DomainName>
  readonly relays: ReadonlyMap<DomainName, RelayRow>
  /** In no order. */
  readonly users: ReadonlyMap<Address, User>
  readonly byAccount: ReadonlyMap<AccountId, User>
  /** In the order of their numbers. */
  readonly accounts: readonly User[]
  readonly tokens: ReadonlyMap<AccountId, readonly Token[]>
  /** Who is asked for a second factor, and whose password opens no mail program. */
  readonly guarded: ReadonlySet<AccountId>
  /** In no order. */
  readonly aliases: ReadonlyMap<string, AliasRow>
  /** Of a domain, the patterns; the longest first. */
  readonly wildcards: ReadonlyMap<DomainName, readonly Wildcard[]>
  /** Of a domain, those who may send as any address of it. */
  readonly spoofers: ReadonlyMap<DomainName, ReadonlySet<AccountId>>
  readonly managers: readonly Grant[]
  /** Some people's mail is on another server still. */
  readonly isAnybodyElsewhere: boolean
}

interface Wildcard {
  readonly pattern: string
  readonly alias: AliasRow
}

/** False of an alias that is switched off, or whose owner is. */
export function isOn({ users }: Pick<Snapshot, 'users'>, { disabled, owner }: AliasRow): boolean {
  return !disabled && (owner === '' || users.get(owner)?.enabled === true)
}

const rowsPerTurn = 500

/** In pieces between which others have their turn. */
export async function takeSnapshot(rows: DirectoryRows): Promise<LiveSnapshot> {
  const snapshot = new LiveSnapshot(rows)
  for (let at = 0; at < rows.users.length; at += rowsPerTurn) {
    snapshot.takeUsers(rows.users.slice(at, at + rowsPerTurn))
    await nextTurn()
  }
  for (let at = 0; at < rows.aliases.length; at += rowsPerTurn) {
    snapshot.takeAliases(rows.aliases.slice(at, at + rowsPerTurn))
    await nextTurn()
  }
  snapshot.takeTokens(rows.tokens)
  return snapshot
}

export class LiveSnapshot implements Snapshot {
  readonly domains = new Map<DomainName, DomainRow>()
  readonly mainDomains = new Map<DomainName, DomainName>()
  readonly relays = new Map<DomainName, RelayRow>()
  readonly users = new Map<Address, User>()
  readonly byAccount = new Map<AccountId, User>()
  readonly tokens = new Map<AccountId, readonly Token[]>()
  readonly guarded: Set<AccountId>
  readonly aliases = new Map<string, AliasRow>()
  readonly spoofers = new Map<DomainName, Set<AccountId>>()
  managers: readonly Grant[]
  readonly #elsewhere = new Set<AccountId>()
  #accounts: readonly User[] | undefined
  #wildcards: ReadonlyMap<DomainName, readonly Wildcard[]> | undefined

  constructor(places: Pick<DirectoryRows, 'domains' | 'relays' | 'managers' | 'guarded'>) {
    this.#takePlaces(places)
    this.managers = places.managers
    this.guarded = new Set(places.guarded)
  }

  get accounts(): readonly User[] {
    this.#accounts ??= [...this.users.values()].sort((a, b) => a.account - b.account)
    return this.#accounts
  }

  get wildcards(): ReadonlyMap<DomainName, readonly Wildcard[]> {
    this.#wildcards ??= wildcardsByDomain([...this.aliases.values()])
    return this.#wildcards
  }

  get isAnybodyElsewhere(): boolean {
    return this.#elsewhere.size > 0 || [...this.domains.values()].some(isElsewhere)
  }

  /** What was touched is gone, or as it was read anew. */
  update(touched: Touched, rows: DirectoryRows): void {
    const theirs = new Set<string>(touched.users)
    for (const address of touched.users) this.#dropUser(address)
    for (const address of touched.aliases) this.#dropAlias(address)
    if (theirs.size > 0) {
      for (const { address, owner } of this.aliases.values()) if (theirs.has(owner)) this.#dropAlias(address)
      const others = this.managers.filter(({ user }) => !theirs.has(user))
      this.managers = [...others, ...rows.managers]
    }
    if (touched.places) this.#takePlaces(rows)
    this.takeUsers(rows.users)
    this.takeAliases(rows.aliases)
    this.takeTokens(rows.tokens)
    for (const account of rows.guarded) this.guarded.add(account)
  }

  takeUsers(users: readonly User[]): void {
    for (const user of users) {
      this.users.set(user.address, user)
      this.byAccount.set(user.account, user)
      if (isElsewhere(user)) this.#elsewhere.add(user.account)
      if (user.allowSpoofing) this.#spoofersOf(user).add(user.account)
    }
    if (users.length > 0) this.#accounts = undefined
  }

  takeAliases(aliases: readonly AliasRow[]): void {
    for (const alias of aliases) {
      this.aliases.set(alias.address, alias)
      if (alias.wildcard) this.#wildcards = undefined
    }
  }

  takeTokens(tokens: readonly Token[]): void {
    for (const [account, all] of Map.groupBy(tokens, (token) => token.account)) this.tokens.set(account, all)
  }

  #takePlaces({ domains, relays }: Pick<DirectoryRows, 'domains' | 'relays'>): void {
    this.domains.clear()
    this.mainDomains.clear()
    this.relays.clear()
    for (const domain of domains) {
      this.domains.set(domain.name, domain)
      for (const name of [domain.name, ...domain.alternatives]) this.mainDomains.set(name, domain.name)
    }
    for (const relay of relays) this.relays.set(relay.name, relay)
  }

  #dropUser(address: Address): void {
    const user = this.users.get(address)
    if (!user) return
    this.users.delete(address)
    this.byAccount.delete(user.account)
    this.tokens.delete(user.account)
    this.guarded.delete(user.account)
    this.#elsewhere.delete(user.account)
    this.#spoofersOf(user).delete(user.account)
    this.#accounts = undefined
  }

  #dropAlias(address: string): void {
    if (this.aliases.get(address)?.wildcard) this.#wildcards = undefined
    this.aliases.delete(address)
  }

  #spoofersOf({ address }: User): Set<AccountId> {
    const domain = domainOf(address)
    const known = this.spoofers.get(domain) ?? new Set()
    this.spoofers.set(domain, known)
    return known
  }
}

const isElsewhere = ({ oldServer }: { readonly oldServer: string }) => oldServer !== '' && oldServer !== here

function wildcardsByDomain(aliases: readonly AliasRow[]): Map<DomainName, Wildcard[]> {
  const wildcards = aliases
    .filter((alias) => alias.wildcard)
    .map((alias) => ({ pattern: localPartOf(alias.address as Address), alias }))
  return Map.groupBy(wildcards.sort(longestFirst), ({ alias }) => domainOf(alias.address as Address))
}

// Among equally long ones the alphabet decides, so that the answer never depends on who was added first.
function longestFirst(a: Wildcard, b: Wildcard): number {
  return b.pattern.length - a.pattern.length || (a.pattern < b.pattern ? -1 : 1)
}
