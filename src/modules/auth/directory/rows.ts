import type { Address, DomainName } from '../../../lib/address.ts'
import type { AliasRow, DomainRow, UserRow } from '../../../ports/directory-admin.ts'
import type { DirectoryDatabase } from './database.ts'
import { asc, gt } from './drizzle.ts'
import { aliases, alternatives, domains, users } from './schema.ts'
import { without } from './without.ts'

/** The whole directory. */
export interface DirectoryRows {
  readonly domains: readonly DomainRow[]
  readonly users: readonly User[]
  readonly aliases: readonly AliasRow[]
}

export interface User extends UserRow {
  readonly passwordHash: string
}

const pageRows = 1_000

export async function readDirectory({ db }: Pick<DirectoryDatabase, 'db'>): Promise<DirectoryRows> {
  return { domains: await readDomains(db), users: await readUsers(db), aliases: await readAliases(db) }
}

type Db = DirectoryDatabase['db']

async function readDomains(db: Db): Promise<DomainRow[]> {
  const named = new Map<DomainName, DomainName[]>()
  for (const { name, domain } of await db.select().from(alternatives).orderBy(asc(alternatives.name))) {
    named.set(domain, [...(named.get(domain) ?? []), name])
  }
  const rows = await db.select().from(domains).orderBy(asc(domains.name))
  return rows.map((row) => ({
    ...without(row, 'createdAt', 'updatedAt'),
    alternatives: named.get(row.name) ?? [],
  }))
}

async function readUsers(db: Db): Promise<User[]> {
  const rows = await pages((last: Address | undefined) =>
    db
      .select()
      .from(users)
      .where(last === undefined ? undefined : gt(users.address, last))
      .orderBy(asc(users.address))
      .limit(pageRows),
  )
  return rows.map((row) => ({
    ...without(row, 'password', 'domain', 'createdAt', 'updatedAt'),
    passwordHash: row.password,
  }))
}

async function readAliases(db: Db): Promise<AliasRow[]> {
  const rows = await pages((last: string | undefined) =>
    db
      .select()
      .from(aliases)
      .where(last === undefined ? undefined : gt(aliases.address, last))
      .orderBy(asc(aliases.address))
      .limit(pageRows),
  )
  return rows.map((row) => without(row, 'domain', 'createdAt', 'updatedAt'))
}

/** Reads a table by its address in pages, so that the event loop turns in between. */
async function pages<Row extends { address: string }, Key extends string>(
  read: (last: Key | undefined) => Promise<Row[]>,
): Promise<Row[]> {
  const all: Row[] = []
  for (;;) {
    const page = await read(all.at(-1)?.address as Key | undefined)
    all.push(...page)
    if (page.length < pageRows) return all
    await new Promise((resolve) => setImmediate(resolve))
  }
}
