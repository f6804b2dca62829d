import { type Address, type DomainName, domainOf } from '../../../lib/address.ts'
import type { DirectoryReader, DirectorySecrets } from '../../../ports/directory-reader.ts'
import type { FetchRow, Grant, TokenRow, UserRow } from '../../../ports/directory-rows.ts'
import type { Directory } from '../directory/directory.ts'
import { eq, lt } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import {
  type Fetch,
  readAudit,
  readDirectory,
  readFetches,
  readGrants,
  readSettings,
  readTokens,
  type StoredGrant,
  type Token,
  type User,
} from '../directory/rows.ts'
import { audit, grants, users } from '../directory/schema.ts'
import { without } from '../directory/without.ts'
import type { Secrets } from '../secrets.ts'
import { searchAudit } from './audit-search.ts'

/** Names come from the snapshot; what changes too often for it, or is seldom asked for, from the database. */
export function createDirectoryReader(directory: Directory): DirectoryReader {
  const db = () => directory.repository.db
  const isIn = (domain: DomainName | undefined) => (row: { readonly address: string }) =>
    domain === undefined || domainOf(row.address as Address) === domain
  return {
    domains: async () => [...(await directory.snapshot()).domains.values()],
    relays: async () => [...(await directory.snapshot()).relays.values()],
    users: async (domain) =>
      [...(await directory.snapshot()).users.values()].filter(isIn(domain)).sort(byAddress).map(userRow),
    user: async (address) => {
      const user = (await directory.snapshot()).users.get(address)
      return user && userRow(user)
    },
    aliases: async (domain) =>
      [...(await directory.snapshot()).aliases.values()].filter(isIn(domain)).sort(byAddress),
    tokens: async (user) => (await readTokens(db(), user && eq(users.address, user))).map(tokenRow),
    fetches: async (user) => (await readFetches(db(), user && eq(users.address, user))).map(fetchRow),
    managers: async (user) => {
      const { managers } = await directory.snapshot()
      return user === undefined ? managers : managers.filter((grant) => grant.user === user)
    },
    accesses: () => readGrantsOf(db(), 'access'),
    settings: () => readSettings(db()),
    audit: (before, search) =>
      search
        ? searchAudit(db(), before, search)
        : readAudit(db(), before === undefined ? undefined : lt(audit.id, before)),
    everything: () => directory.writeQuietly(everything),
  }
}

export function createDirectorySecrets(directory: Directory, secrets: Secrets): DirectorySecrets {
  const db = () => directory.repository.db
  return {
    passwords: async () => {
      const { users: known } = await directory.snapshot()
      return new Map([...known.values()].map((user) => [user.address, user.passwordHash]))
    },
    tokens: async () => new Map((await readTokens(db())).map((token) => [token.id, token.passwordHash])),
    fetches: async () =>
      new Map(
        (await readFetches(db())).flatMap(({ id, sealedPassword }) => {
          const password = secrets.unseal(sealedPassword)
          return password === undefined ? [] : [[id, password] as const]
        }),
      ),
  }
}

const byAddress = (a: { readonly address: string }, b: { readonly address: string }) =>
  a.address < b.address ? -1 : 1

async function everything(rows: Repository) {
  // Whoever writes waits, so that all of this is of one moment.
  await rows.holdVersion()
  const { domains, relays, users: known, aliases, tokens } = await readDirectory(rows.db)
  const there = new Set(known.map(({ address }) => address))
  const isThere = ({ user }: { readonly user: Address }) => there.has(user)
  return {
    domains,
    relays,
    users: known.map(userRow),
    aliases,
    tokens: tokens.map(tokenRow),
    fetches: (await readFetches(rows.db)).filter(isThere).map(fetchRow),
    managers: (await readGrantsOf(rows.db, 'manager')).filter(isThere),
    accesses: (await readGrantsOf(rows.db, 'access')).filter(isThere),
    settings: await readSettings(rows.db),
  }
}

async function readGrantsOf(db: Repository['db'], kind: 'manager' | 'access'): Promise<Grant[]> {
  return (await readGrants(db, eq(grants.kind, kind))).map((row: StoredGrant) => without(row, 'account'))
}

export const userRow = (user: User): UserRow => without(user, 'passwordHash', 'scram', 'signInVersion')
const tokenRow = (token: Token): TokenRow => without(token, 'account', 'passwordHash')
const fetchRow = (fetch: Fetch): FetchRow => without(fetch, 'account', 'sealedPassword')
