import type { DomainName } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { DirectoryDatabase } from './database.ts'
import { and, eq, inArray, isNotNull, isNull, lt, sql } from './drizzle.ts'
import {
  accountIds,
  alternatives,
  audit,
  type Counter,
  claims,
  counters,
  domains,
  tokens,
  users,
} from './schema.ts'

/** The statements that several kinds of change share. Who writes more than one row calls them in one transaction. */
export interface Repository {
  readonly db: DirectoryDatabase['db']
  readonly now: () => number

  /** Tells everybody that something changes, and keeps other writers out until the end of the transaction. */
  newVersion(): Promise<void>
  /** Keeps other writers out without telling anybody that something changes. */
  holdVersion(): Promise<void>
  version(): Promise<number>

  /** What has this name: a domain, or what stands in a domain; undefined where it is free. */
  domainOfClaim(name: string): Promise<DomainName | undefined>
  mainDomainOf(alternative: DomainName): Promise<DomainName | undefined>
  limitsOf(domain: DomainName): Promise<DomainLimits | undefined>
  /** Fails with what `isTaken` knows where the name is in use, as anything. */
  claim(name: string, domain: DomainName): Promise<void>
  /** Gives the name up and deletes what it stood for; a domain with all its users, aliases and alternatives. */
  release(name: string): Promise<void>
  /** A number that was never given before, or the one asked for, which is not given again. */
  takeId(counter: Counter, asked?: number): Promise<number>
  writeAudit(rows: readonly Omit<typeof audit.$inferInsert, 'id'>[]): Promise<void>

  buryAccounts(accounts: readonly AccountId[]): Promise<void>
  /** Deleted ones of which the mail store may not know yet. */
  unsweptAccounts(): Promise<readonly AccountId[]>
  markSwept(account: AccountId): Promise<void>

  /** These change a password's form, not the password; only where it is still `from`: somebody may have changed it meanwhile. */
  replaceHash(account: AccountId, from: string, to: string): Promise<void>
  replaceScram(account: AccountId, hash: string, scram: string): Promise<void>
  replaceTokenHash(id: number, from: string, to: string): Promise<void>
  noteTokenUse(id: number, use: { at: number; by: string; client: string }): Promise<void>
}

interface DomainLimits {
  readonly maxUsers: number
  readonly maxAliases: number
  readonly maxQuotaBytes: number
  readonly oldServer: string
}

export const rowsPerStatement = 100

export function createRepository(source: Pick<Repository, 'db' | 'now'>): Repository {
  return { ...source, ...versions(source), ...names(source), ...accounts(source), ...secrets(source) }
}

type Part<Name extends keyof Repository> = (source: Pick<Repository, 'db' | 'now'>) => Pick<Repository, Name>

const versions: Part<'newVersion' | 'holdVersion' | 'version' | 'takeId' | 'writeAudit'> = ({ db }) => {
  const raise = (name: Counter, by: number) =>
    db
      .update(counters)
      .set({ value: sql`${counters.value} + ${by}` })
      .where(eq(counters.name, name))
  const read = async (name: Counter) => {
    const [row] = await db.select().from(counters).where(eq(counters.name, name))
    if (!row) throw new Error(`the directory has no counter ${name}`)
    return row.value
  }
  return {
    newVersion: async () => {
      await raise('version', 1)
    },
    holdVersion: async () => {
      await raise('version', 0)
    },
    version: () => read('version'),
    async takeId(counter, asked) {
      if (asked === undefined) await raise(counter, 1)
      else
        await db
          .update(counters)
          .set({ value: asked })
          .where(and(eq(counters.name, counter), lt(counters.value, asked)))
      return asked ?? read(counter)
    },
    async writeAudit(rows) {
      await raise('audit', rows.length)
      const first = (await read('audit')) - rows.length + 1
      for (let at = 0; at < rows.length; at += rowsPerStatement) {
        const some = rows.slice(at, at + rowsPerStatement)
        await db.insert(audit).values(some.map((row, n) => ({ ...row, id: first + at + n })))
      }
    },
  }
}

const names: Part<'domainOfClaim' | 'mainDomainOf' | 'limitsOf' | 'claim' | 'release'> = ({ db }) => ({
  async domainOfClaim(name) {
    const [row] = await db.select().from(claims).where(eq(claims.name, name))
    return row?.domain
  },
  async mainDomainOf(alternative) {
    const [row] = await db.select().from(alternatives).where(eq(alternatives.name, alternative))
    return row?.domain
  },
  async limitsOf(domain) {
    const { maxUsers, maxAliases, maxQuotaBytes, oldServer } = domains
    const [row] = await db
      .select({ maxUsers, maxAliases, maxQuotaBytes, oldServer })
      .from(domains)
      .where(eq(domains.name, domain))
    return row
  },
  async claim(name, domain) {
    await db.insert(claims).values({ name, domain })
  },
  async release(name) {
    await db.delete(claims).where(eq(claims.name, name))
  },
})

const accounts: Part<'buryAccounts' | 'unsweptAccounts' | 'markSwept'> = ({ db, now }) => ({
  async buryAccounts(buried) {
    for (let at = 0; at < buried.length; at += rowsPerStatement) {
      const some = buried.slice(at, at + rowsPerStatement)
      await db.update(accountIds).set({ deletedAt: now() }).where(inArray(accountIds.account, some))
    }
  },
  async unsweptAccounts() {
    const rows = await db
      .select()
      .from(accountIds)
      .where(and(isNotNull(accountIds.deletedAt), isNull(accountIds.sweptAt)))
    return rows.map(({ account }) => account)
  },
  async markSwept(account) {
    await db.update(accountIds).set({ sweptAt: now() }).where(eq(accountIds.account, account))
  },
})

const secrets: Part<'replaceHash' | 'replaceScram' | 'replaceTokenHash' | 'noteTokenUse'> = ({ db }) => ({
  async replaceHash(account, from, to) {
    const still = and(eq(users.account, account), eq(users.passwordHash, from))
    await db.update(users).set({ passwordHash: to }).where(still)
  },
  async replaceScram(account, hash, scram) {
    const still = and(eq(users.account, account), eq(users.passwordHash, hash))
    await db.update(users).set({ scram }).where(still)
  },
  async replaceTokenHash(id, from, to) {
    const still = and(eq(tokens.id, id), eq(tokens.passwordHash, from))
    await db.update(tokens).set({ passwordHash: to }).where(still)
  },
  async noteTokenUse(id, { at, by, client }) {
    await db
      .update(tokens)
      .set({ lastUsedAt: at, lastUsedBy: by, lastUsedClient: client })
      .where(eq(tokens.id, id))
  },
})
