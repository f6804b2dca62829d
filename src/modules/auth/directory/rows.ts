import type { SQL } from 'drizzle-orm/sql'
import type { Address, DomainName } from '../../../lib/address.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type {
  AliasRow,
  AuditRow,
  Departure,
  DomainRow,
  FetchRow,
  Grant,
  RelayRow,
  SettingRow,
  TokenRow,
  UserRow,
} from '../../../ports/directory-rows.ts'
import type { DirectoryDatabase } from './database.ts'
import { and, asc, desc, eq, gt, inArray, or } from './drizzle.ts'
import {
  aliases,
  alternatives,
  audit,
  departures,
  domains,
  factors,
  fetches,
  grants,
  relays,
  settings,
  tokens,
  users,
} from './schema.ts'
import { without } from './without.ts'

/** All that look-ups need of the directory. Who is deleted soon is not there any more. */
export interface DirectoryRows {
  readonly domains: readonly DomainRow[]
  readonly relays: readonly RelayRow[]
  readonly users: readonly User[]
  readonly aliases: readonly AliasRow[]
  readonly tokens: readonly Token[]
  /** Who manages which domain. */
  readonly managers: readonly Grant[]
  /** Who has a second factor. */
  readonly guarded: readonly AccountId[]
}

/** What a write touched. */
export interface Touched {
  /** They, and all that is theirs. */
  readonly users: readonly Address[]
  readonly aliases: readonly string[]
  /** Domains and relays. */
  readonly places: boolean
}

export interface User extends UserRow {
  readonly passwordHash: string
  /** SCRAM verifiers of the same password; empty where there are none. */
  readonly scram: string
  readonly signInVersion: number
}

export interface Token extends TokenRow {
  readonly account: AccountId
  readonly passwordHash: string
}

export interface Fetch extends FetchRow {
  readonly account: AccountId
  readonly sealedPassword: string
}

export interface StoredGrant extends Grant {
  readonly account: AccountId
}

type Db = DirectoryDatabase['db']

export async function readDirectory(db: Db): Promise<DirectoryRows> {
  const leaving = new Set((await readDepartures(db)).map(({ user }) => user))
  return {
    domains: await readDomains(db),
    relays: await readRelays(db),
    users: (await readUsers(db)).filter(({ address }) => !leaving.has(address)),
    aliases: await readAliases(db),
    tokens: (await readTokens(db)).filter(({ user }) => !leaving.has(user)),
    managers: await readManagers(db),
    guarded: await readGuarded(db),
  }
}

/** What is there of it, by as few questions as it needs. */
export async function readTouched(db: Db, touched: Touched): Promise<DirectoryRows> {
  const { places } = touched
  return {
    domains: places ? await readDomains(db) : [],
    relays: places ? await readRelays(db) : [],
    ...(await readTouchedUsers(db, touched.users)),
    aliases: await readTouchedAliases(db, touched),
  }
}

async function readTouchedUsers(
  db: Db,
  addresses: readonly Address[],
): Promise<Pick<DirectoryRows, 'users' | 'tokens' | 'managers' | 'guarded'>> {
  if (addresses.length === 0) return { users: [], tokens: [], managers: [], guarded: [] }
  const theirs = inArray(users.address, [...addresses])
  const leaving = new Set((await readDepartures(db, theirs)).map(({ user }) => user))
  return {
    users: (await readUsers(db, theirs)).filter(({ address }) => !leaving.has(address)),
    tokens: (await readTokens(db, theirs)).filter(({ user }) => !leaving.has(user)),
    managers: await readManagers(db, theirs),
    guarded: await readGuarded(db, theirs),
  }
}

async function readTouchedAliases(db: Db, { users: owners, aliases: named }: Touched): Promise<AliasRow[]> {
  if (owners.length + named.length === 0) return []
  return readAliases(db, or(inArray(aliases.address, [...named]), inArray(aliases.owner, [...owners])))
}

export async function readDomains(db: Db, only?: DomainName): Promise<DomainRow[]> {
  const named = new Map<DomainName, DomainName[]>()
  const others = await db
    .select()
    .from(alternatives)
    .where(only && eq(alternatives.domain, only))
    .orderBy(asc(alternatives.name))
  for (const { name, domain } of others) named.set(domain, [...(named.get(domain) ?? []), name])
  const rows = await db
    .select()
    .from(domains)
    .where(only && eq(domains.name, only))
    .orderBy(asc(domains.name))
  return rows.map((row) => ({ ...row, alternatives: named.get(row.name) ?? [] }))
}

export async function readRelays(db: Db, where?: SQL): Promise<RelayRow[]> {
  return db.select().from(relays).where(where).orderBy(asc(relays.name))
}

export async function readUsers(db: Db, where?: SQL): Promise<User[]> {
  const rows = await inPages(
    ({ address }) => address,
    (last: Address | undefined) =>
      db
        .select()
        .from(users)
        .where(and(where, last === undefined ? undefined : gt(users.address, last)))
        .orderBy(asc(users.address))
        .limit(rowsPerTurn),
  )
  return rows.map((row) => without(row, 'domain'))
}

export async function readDepartures(
  db: Db,
  where?: SQL,
): Promise<(Departure & Pick<User, 'globalAdmin'>)[]> {
  return db
    .select({ user: users.address, deleteAt: departures.deleteAt, globalAdmin: users.globalAdmin })
    .from(departures)
    .innerJoin(users, eq(users.account, departures.account))
    .where(where)
    .orderBy(asc(users.address))
}

export async function readAliases(db: Db, where?: SQL): Promise<AliasRow[]> {
  const rows = await inPages(
    ({ address }) => address,
    (last: string | undefined) =>
      db
        .select()
        .from(aliases)
        .where(and(where, last === undefined ? undefined : gt(aliases.address, last)))
        .orderBy(asc(aliases.address))
        .limit(rowsPerTurn),
  )
  return rows.map((row) => without(row, 'domain'))
}

export async function readTokens(db: Db, where?: SQL): Promise<Token[]> {
  const rows = await inPages(
    ({ row }) => row.id,
    (last: number | undefined) =>
      db
        .select({ row: tokens, user: users.address })
        .from(tokens)
        .innerJoin(users, eq(users.account, tokens.account))
        .where(and(where, last === undefined ? undefined : gt(tokens.id, last)))
        .orderBy(asc(tokens.id))
        .limit(rowsPerTurn),
  )
  return rows.map(({ row, user }) => ({
    ...without(row, 'expiresAt', 'lastUsedAt', 'lastUsedBy', 'lastUsedClient'),
    user,
    expires: row.expiresAt ?? 'never',
    lastUsed:
      row.lastUsedAt === null
        ? undefined
        : { at: row.lastUsedAt, by: row.lastUsedBy, client: row.lastUsedClient },
  }))
}

async function readManagers(db: Db, where?: SQL): Promise<Grant[]> {
  const rows = await readGrants(db, and(eq(grants.kind, 'manager'), where))
  return rows.map((row) => without(row, 'account'))
}

async function readGuarded(db: Db, where?: SQL): Promise<AccountId[]> {
  const rows = await db
    .selectDistinct({ account: factors.account })
    .from(factors)
    .innerJoin(users, eq(users.account, factors.account))
    .where(where)
  return rows.map(({ account }) => account)
}

export async function readFetches(db: Db, where?: SQL): Promise<Fetch[]> {
  const rows = await db
    .select({ row: fetches, user: users.address })
    .from(fetches)
    .innerJoin(users, eq(users.account, fetches.account))
    .where(where)
    .orderBy(asc(fetches.id))
  return rows.map(({ row, user }) => ({
    ...row,
    user,
    lastCheck: row.lastCheck ?? undefined,
    said: row.said ?? undefined,
  }))
}

export async function readGrants(db: Db, where?: SQL): Promise<StoredGrant[]> {
  return db
    .select({ domain: grants.domain, user: users.address, account: grants.account })
    .from(grants)
    .innerJoin(users, eq(users.account, grants.account))
    .where(where)
    .orderBy(asc(grants.domain), asc(users.address))
}

export async function readSettings(db: Db, where?: SQL): Promise<SettingRow[]> {
  return db.select().from(settings).where(where).orderBy(asc(settings.name))
}

export async function readAudit(db: Db, where?: SQL): Promise<AuditRow[]> {
  return db.select().from(audit).where(where).orderBy(desc(audit.id)).limit(pageRows)
}

const pageRows = 1_000
/** Longer would keep the event loop for more than a few milliseconds. */
const rowsPerTurn = 200

/** Reads a table by its key in pages, so that the event loop turns in between. */
async function inPages<Row, Key>(
  keyOf: (row: Row) => Key,
  read: (last: Key | undefined) => Promise<Row[]>,
): Promise<Row[]> {
  const all: Row[] = []
  for (;;) {
    const last = all.at(-1)
    const page = await read(last && keyOf(last))
    all.push(...page)
    if (page.length < rowsPerTurn) return all
    await nextTurn()
  }
}
