import { type Address, type DomainName, domainOf, parseAddress } from '../../../../lib/address.ts'
import type { AliasRow } from '../../../../ports/directory-rows.ts'
import type { Refusal } from '../../../../ports/directory-writer.ts'
import { count, eq } from '../../directory/drizzle.ts'
import type { Repository } from '../../directory/repository.ts'
import { readAliases } from '../../directory/rows.ts'
import { aliases } from '../../directory/schema.ts'
import { checkAlias } from '../checks.ts'
import { accountOf, claim } from '../claim.ts'
import { noSuchDomain, tooMany } from '../refusals.ts'
import { isRefusal, type Rules, stamps, type Tx } from '../rules.ts'

export const aliasRules: Rules<'alias', AliasRow> = {
  keyOf: ({ address }) => address,
  nameOf: ({ address }) => address,
  prepare: async (_, { values }) => ({
    values: values['address'] === undefined ? values : { ...values, address: plain(values['address']) },
  }),
  find: async ({ db }, address) => (await readAliases(db, eq(aliases.address, plain(address))))[0],
  standard: async () => ({ wildcard: false, disabled: false, owner: '', hostname: '', comment: '' }),
  kept: [],
  hidden: {},
  check: checkAlias,
  async insert(tx, row) {
    const { rows } = tx
    const domain = domainOf(row.address as Address)
    const refused =
      (await noRoom(tx, row.address, domain)) ??
      (await noOwner(rows, row)) ??
      (await claim(rows, row.address, domain))
    if (refused) return refused
    await rows.db.insert(aliases).values({ ...row, domain, ...stamps(rows, row) })
    return row
  },
  async update({ rows }, row, old, changed) {
    const refused = row.owner === old.owner ? undefined : await noOwner(rows, row)
    if (refused) return refused
    await rows.db
      .update(aliases)
      .set({ ...changed, updatedAt: rows.now() })
      .where(eq(aliases.address, row.address))
    return undefined
  },
  remove: ({ rows }, { address }) => rows.release(address),
}

async function noRoom(
  { rows, overLimits }: Tx,
  address: string,
  name: DomainName,
): Promise<Refusal | undefined> {
  const domain = await rows.limitsOf(name)
  if (!domain) return noSuchDomain(name, await rows.mainDomainOf(name), address)
  if (overLimits || domain.maxAliases < 0 || (await countAliases(rows, name)) < domain.maxAliases)
    return undefined
  return tooMany('aliases', name, domain.maxAliases)
}

async function noOwner(rows: Repository, { owner }: AliasRow): Promise<Refusal | undefined> {
  const account = owner === '' ? undefined : await accountOf(rows, owner)
  return isRefusal(account) ? account : undefined
}

async function countAliases({ db }: Repository, domain: DomainName): Promise<number> {
  const [row] = await db.select({ n: count() }).from(aliases).where(eq(aliases.domain, domain))
  return row?.n ?? 0
}

/** A pattern is written like an address; what is neither, the check refuses. */
function plain(address: unknown): string {
  return parseAddress(String(address)) ?? String(address)
}
