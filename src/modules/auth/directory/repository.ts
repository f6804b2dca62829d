import { type Address, type DomainName, domainOf } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { AliasRow, DomainRow, UserSettings } from '../../../ports/directory-admin.ts'
import type { DirectoryDatabase } from './database.ts'
import { and, count, eq, inArray, isNotNull, isNull } from './drizzle.ts'
import { accountIds, aliases, alternatives, claims, domains, users } from './schema.ts'

/**
 * Every statement that changes the directory, and what such changes have to look up first. Who changes more than one row
 * calls them in one transaction.
 */
export type Repository = ReturnType<typeof createRepository>

interface StoredUser extends UserSettings {
  readonly account: AccountId
  readonly address: Address
  readonly password: string
}

interface Source {
  readonly db: DirectoryDatabase['db']
  readonly now: () => number
}

const rowsPerStatement = 500

export function createRepository(source: Source) {
  return {
    ...nameQueries(source),
    ...domainQueries(source),
    ...userQueries(source),
    ...accountQueries(source),
    ...aliasQueries(source),
  }
}

function nameQueries({ db }: Source) {
  return {
    /** Throws what `isTaken` knows when the name is in use, as anything. */
    async claim(name: string, domain: DomainName): Promise<void> {
      await db.insert(claims).values({ name, domain })
    },
    /** Gives the name up and deletes what it stood for; a domain with all its users, aliases and alternatives. */
    async release(name: string): Promise<void> {
      await db.delete(claims).where(eq(claims.name, name))
    },
  }
}

function domainQueries({ db, now }: Source) {
  return {
    async domain(name: DomainName) {
      const [row] = await db.select().from(domains).where(eq(domains.name, name))
      return row
    },
    async alternativesOf(domain: DomainName): Promise<readonly DomainName[]> {
      const rows = await db
        .select({ name: alternatives.name })
        .from(alternatives)
        .where(eq(alternatives.domain, domain))
      return rows.map(({ name }) => name)
    },
    async mainDomainOf(alternative: DomainName): Promise<DomainName | undefined> {
      const [row] = await db
        .select({ domain: alternatives.domain })
        .from(alternatives)
        .where(eq(alternatives.name, alternative))
      return row?.domain
    },

    async insertDomain(domain: DomainRow): Promise<void> {
      await db.insert(domains).values({ ...domain, ...stamps(now()) })
    },
    async updateDomain(
      name: DomainName,
      change: Partial<Omit<DomainRow, 'name' | 'alternatives'>>,
    ): Promise<void> {
      await db
        .update(domains)
        .set({ ...change, updatedAt: now() })
        .where(eq(domains.name, name))
    },
    async insertAlternative(name: DomainName, domain: DomainName): Promise<void> {
      await db.insert(alternatives).values({ name, domain, createdAt: now() })
    },
  }
}

function userQueries({ db, now }: Source) {
  return {
    async countUsers(domain: DomainName): Promise<number> {
      const [row] = await db.select({ n: count() }).from(users).where(eq(users.domain, domain))
      return row?.n ?? 0
    },
    async accountsOf(domain: DomainName): Promise<readonly AccountId[]> {
      const rows = await db.select({ account: users.account }).from(users).where(eq(users.domain, domain))
      return rows.map((row) => row.account)
    },
    async insertUser(user: StoredUser): Promise<void> {
      await db.insert(accountIds).values({ account: user.account, createdAt: now() })
      await db.insert(users).values({ ...user, domain: domainOf(user.address), ...stamps(now()) })
    },
    async updateUser(
      account: AccountId,
      change: Partial<UserSettings> & { password?: string },
    ): Promise<void> {
      await db
        .update(users)
        .set({ ...change, updatedAt: now() })
        .where(eq(users.account, account))
    },
    /** Only where the password is still `from`: somebody may have changed it meanwhile. */
    async replaceHash(account: AccountId, from: string, to: string): Promise<void> {
      await db
        .update(users)
        .set({ password: to })
        .where(and(eq(users.account, account), eq(users.password, from)))
    },
  }
}

function accountQueries({ db, now }: Source) {
  return {
    async buryAccounts(accounts: readonly AccountId[]): Promise<void> {
      for (let at = 0; at < accounts.length; at += rowsPerStatement) {
        const page = accounts.slice(at, at + rowsPerStatement)
        await db.update(accountIds).set({ deletedAt: now() }).where(inArray(accountIds.account, page))
      }
    },
    /** Deleted ones of which the mail store may not know yet. */
    async unsweptAccounts(): Promise<readonly AccountId[]> {
      const rows = await db
        .select({ account: accountIds.account })
        .from(accountIds)
        .where(and(isNotNull(accountIds.deletedAt), isNull(accountIds.sweptAt)))
      return rows.map((row) => row.account)
    },
    async markSwept(account: AccountId): Promise<void> {
      await db.update(accountIds).set({ sweptAt: now() }).where(eq(accountIds.account, account))
    },
  }
}

function aliasQueries({ db, now }: Source) {
  return {
    async countAliases(domain: DomainName): Promise<number> {
      const [row] = await db.select({ n: count() }).from(aliases).where(eq(aliases.domain, domain))
      return row?.n ?? 0
    },
    async insertAlias(alias: AliasRow): Promise<void> {
      await db
        .insert(aliases)
        .values({ ...alias, domain: domainOf(alias.address as Address), ...stamps(now()) })
    },
    async updateAlias(address: string, change: Partial<Omit<AliasRow, 'address'>>): Promise<void> {
      await db
        .update(aliases)
        .set({ ...change, updatedAt: now() })
        .where(eq(aliases.address, address))
    },
  }
}

function stamps(now: number) {
  return { createdAt: now, updatedAt: now }
}
