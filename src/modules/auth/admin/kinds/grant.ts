import { and, eq } from '../../directory/drizzle.ts'
import { readGrants, type StoredGrant } from '../../directory/rows.ts'
import { domains, grants, users } from '../../directory/schema.ts'
import { accountOf } from '../claim.ts'
import { noSuchDomain } from '../refusals.ts'
import { isRefusal, type Rules } from '../rules.ts'

type GrantKind = 'manager' | 'access'

/** Who may manage a domain, or make anonymous aliases in it: there or not, nothing to change. */
export function grantRules(kind: GrantKind): Rules<GrantKind, StoredGrant> {
  return {
    keyOf: (grant) => grant,
    nameOf: ({ domain, user }) => `${user} for ${domain}`,
    find: async ({ db }, { domain, user }) =>
      (
        await readGrants(db, and(eq(grants.kind, kind), eq(grants.domain, domain), eq(users.address, user)))
      )[0],
    standard: async () => ({}),
    kept: ['account'],
    hidden: {},
    check: () => undefined,
    async insert({ rows }, { domain, user }) {
      const [known] = await rows.db
        .select({ name: domains.name })
        .from(domains)
        .where(eq(domains.name, domain))
      if (!known) return noSuchDomain(domain, await rows.mainDomainOf(domain), user)
      const account = await accountOf(rows, user)
      if (isRefusal(account)) return account
      await rows.db.insert(grants).values({ kind, domain, account })
      return { domain, user, account }
    },
    update: async () => undefined,
    async remove({ rows }, { domain, account }) {
      await rows.db
        .delete(grants)
        .where(and(eq(grants.kind, kind), eq(grants.domain, domain), eq(grants.account, account)))
    },
  }
}
