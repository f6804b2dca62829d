import type { SettingRow } from '../../../../ports/directory-rows.ts'
import { eq } from '../../directory/drizzle.ts'
import { readSettings } from '../../directory/rows.ts'
import { settings } from '../../directory/schema.ts'
import { checkSetting } from '../checks.ts'
import { type Rules, stamps } from '../rules.ts'

export const settingRules: Rules<'setting', SettingRow> = {
  keyOf: ({ name }) => name,
  nameOf: ({ name }) => name,
  find: async ({ db }, name) => (await readSettings(db, eq(settings.name, name)))[0],
  standard: async () => ({}),
  kept: [],
  hidden: {},
  check: checkSetting,
  async insert({ rows }, row) {
    await rows.db.insert(settings).values({ ...row, ...stamps(rows, row) })
    return row
  },
  async update({ rows }, { name, value }) {
    await rows.db.update(settings).set({ value, updatedAt: rows.now() }).where(eq(settings.name, name))
    return undefined
  },
  async remove({ rows }, { name }) {
    await rows.db.delete(settings).where(eq(settings.name, name))
  },
}
