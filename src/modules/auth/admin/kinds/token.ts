import { eq } from '../../directory/drizzle.ts'
import { readTokens, type Token } from '../../directory/rows.ts'
import { tokens } from '../../directory/schema.ts'
import { checkToken } from '../checks.ts'
import { accountOf } from '../claim.ts'
import { isRefusal, type Rules, stamps } from '../rules.ts'
import { prepareToken } from './passwords.ts'

export const tokenRules: Rules<'token', Token> = {
  keyOf: ({ id }) => id,
  nameOf: ({ id, user }) => `${id} of ${user}`,
  prepare: prepareToken,
  find: async ({ db }, id) => (await readTokens(db, eq(tokens.id, id)))[0],
  standard: async () => ({ networks: [], services: [], expires: 'never', comment: '', passwordHash: '' }),
  kept: ['account', 'passwordHash', 'lastUsed'],
  hidden: { passwordHash: 'password' },
  check: checkToken,
  async insert({ rows }, row) {
    const account = await accountOf(rows, row.user)
    if (isRefusal(account)) return account
    const id = await rows.takeId('token', row.id)
    const unused = { lastUsedAt: null, lastUsedBy: '', lastUsedClient: '' }
    const columns = { ...row, ...expiry(row), ...unused, ...stamps(rows, row), id, account }
    await rows.db.insert(tokens).values(columns)
    return { ...row, id, account }
  },
  async update({ rows }, row, _old, changed) {
    const account = await accountOf(rows, row.user)
    if (isRefusal(account)) return account
    await rows.db
      .update(tokens)
      .set({ ...changed, ...expiry(row), account, updatedAt: rows.now() })
      .where(eq(tokens.id, row.id))
    return undefined
  },
  async remove({ rows }, { id }) {
    await rows.db.delete(tokens).where(eq(tokens.id, id))
  },
}

const expiry = ({ expires }: Token) => ({ expiresAt: expires === 'never' ? null : expires })
