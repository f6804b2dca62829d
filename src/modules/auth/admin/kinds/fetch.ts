import { eq } from '../../directory/drizzle.ts'
import { type Fetch, readFetches } from '../../directory/rows.ts'
import { fetches } from '../../directory/schema.ts'
import { checkFetch } from '../checks.ts'
import { accountOf } from '../claim.ts'
import { isRefusal, type Rules, stamps } from '../rules.ts'
import { prepareFetch } from './passwords.ts'

export const fetchRules: Rules<'fetch', Fetch> = {
  keyOf: ({ id }) => id,
  nameOf: ({ id, user }) => `${id} of ${user}`,
  prepare: prepareFetch,
  find: async ({ db }, id) => (await readFetches(db, eq(fetches.id, id)))[0],
  standard: async () => ({
    tls: false,
    keep: false,
    scan: false,
    invisible: false,
    folders: [],
    enabled: true,
    error: '',
    comment: '',
  }),
  kept: ['account', 'sealedPassword', 'lastCheck', 'error', 'said'],
  hidden: { sealedPassword: 'password' },
  check: checkFetch,
  async insert({ rows }, row) {
    const account = await accountOf(rows, row.user)
    if (isRefusal(account)) return account
    const id = await rows.takeId('fetch', row.id)
    await rows.db
      .insert(fetches)
      .values({ ...row, lastCheck: null, said: null, ...stamps(rows, row), id, account })
    return { ...row, id, account }
  },
  async update({ rows }, row, _old, changed) {
    const account = await accountOf(rows, row.user)
    if (isRefusal(account)) return account
    await rows.db
      .update(fetches)
      .set({ ...changed, account, updatedAt: rows.now() })
      .where(eq(fetches.id, row.id))
    return undefined
  },
  async remove({ rows }, { id }) {
    await rows.db.delete(fetches).where(eq(fetches.id, id))
  },
}
