import type { DomainName } from '../../../../lib/address.ts'
import type { DomainRow } from '../../../../ports/directory-rows.ts'
import type { Refusal } from '../../../../ports/directory-writer.ts'
import { eq } from '../../directory/drizzle.ts'
import type { Repository } from '../../directory/repository.ts'
import { readDomains } from '../../directory/rows.ts'
import { alternatives, domains, users } from '../../directory/schema.ts'
import { checkDomain } from '../checks.ts'
import { claim } from '../claim.ts'
import { type Rules, stamps } from '../rules.ts'
import { removeOwned } from './user.ts'

export const domainRules: Rules<'domain', DomainRow> = {
  keyOf: ({ name }) => name,
  nameOf: ({ name }) => name,
  find: async ({ db }, name) => (await readDomains(db, name))[0],
  standard: async () => ({
    maxUsers: -1,
    maxAliases: -1,
    maxQuotaBytes: 0,
    signupEnabled: false,
    anonmailEnabled: false,
    alternatives: [],
    oldServer: '',
    comment: '',
  }),
  // An import from the old server says nothing of it, and is made more than once.
  kept: ['oldServer'],
  hidden: {},
  check: checkDomain,
  async insert({ rows }, row) {
    const taken = await claim(rows, row.name, row.name)
    if (taken) return taken
    await rows.db.insert(domains).values({ ...row, ...stamps(rows, row) })
    return (await nameAlternatives(rows, row.name, row.alternatives)) ?? row
  },
  async update({ rows }, { name, alternatives: wanted }, _old, changed) {
    await rows.db
      .update(domains)
      .set({ ...changed, updatedAt: rows.now() })
      .where(eq(domains.name, name))
    return nameAlternatives(rows, name, wanted)
  },
  async remove({ rows }, { name }) {
    const inside = await rows.db
      .select({ account: users.account, address: users.address })
      .from(users)
      .where(eq(users.domain, name))
    await removeOwned(
      rows,
      inside.map(({ address }) => address),
    )
    await rows.buryAccounts(inside.map(({ account }) => account))
    await rows.release(name)
  },
}

/** Makes them exactly these. */
async function nameAlternatives(
  rows: Repository,
  domain: DomainName,
  wanted: readonly DomainName[],
): Promise<Refusal | undefined> {
  const had = (await readDomains(rows.db, domain))[0]?.alternatives ?? []
  for (const name of had) {
    if (!wanted.includes(name)) await rows.release(name)
  }
  for (const name of new Set(wanted)) {
    if (had.includes(name)) continue
    const taken = await claim(rows, name, domain)
    if (taken) return taken
    await rows.db.insert(alternatives).values({ name, domain, createdAt: rows.now() })
  }
  return undefined
}
