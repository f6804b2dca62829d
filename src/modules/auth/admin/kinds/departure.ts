import type { Departure } from '../../../../ports/directory-rows.ts'
import { eq } from '../../directory/drizzle.ts'
import { readDepartures } from '../../directory/rows.ts'
import { departures, oauthGrants, sessions, users } from '../../directory/schema.ts'
import { accountOf } from '../claim.ts'
import { refusal } from '../refusals.ts'
import { isRefusal, type Rules } from '../rules.ts'

/** Who is deleted soon: to be taken back until then, by deleting the departure. */
export const departureRules: Rules<'departure', Departure> = {
  keyOf: ({ user }) => user,
  nameOf: ({ user }) => user,
  find: async ({ db }, user) => (await readDepartures(db, eq(users.address, user)))[0],
  standard: async () => ({}),
  kept: [],
  hidden: {},
  check: ({ deleteAt }) =>
    Number.isSafeInteger(deleteAt) ? undefined : refusal('invalid', 'A user is deleted at an instant.'),
  async insert({ rows }, { user, deleteAt }) {
    const account = await accountOf(rows, user)
    if (isRefusal(account)) return account
    await rows.db.insert(departures).values({ account, deleteAt })
    await rows.db.delete(sessions).where(eq(sessions.account, account))
    await rows.db.delete(oauthGrants).where(eq(oauthGrants.account, account))
    return { user, deleteAt }
  },
  update: async () => refusal('exists', 'That user is deleted already. Take him back first.'),
  async remove({ rows }, { user }) {
    const account = await accountOf(rows, user)
    if (!isRefusal(account)) await rows.db.delete(departures).where(eq(departures.account, account))
  },
}
