import type { RelayRow } from '../../../../ports/directory-rows.ts'
import { eq } from '../../directory/drizzle.ts'
import { readRelays } from '../../directory/rows.ts'
import { relays } from '../../directory/schema.ts'
import { checkRelay } from '../checks.ts'
import { claim } from '../claim.ts'
import { type Rules, stamps } from '../rules.ts'

export const relayRules: Rules<'relay', RelayRow> = {
  keyOf: ({ name }) => name,
  nameOf: ({ name }) => name,
  find: async ({ db }, name) => (await readRelays(db, eq(relays.name, name)))[0],
  standard: async () => ({ target: '', comment: '' }),
  kept: [],
  hidden: {},
  check: checkRelay,
  async insert({ rows }, row) {
    const taken = await claim(rows, row.name, row.name)
    if (taken) return taken
    await rows.db.insert(relays).values({ ...row, ...stamps(rows, row) })
    return row
  },
  async update({ rows }, { name }, _old, changed) {
    await rows.db
      .update(relays)
      .set({ ...changed, updatedAt: rows.now() })
      .where(eq(relays.name, name))
    return undefined
  },
  remove: ({ rows }, { name }) => rows.release(name),
}
