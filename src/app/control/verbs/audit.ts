import type { ColumnChange } from '../../../ports/directory-rows.ts'
import { text, wholeNumber } from '../../settings/kinds.ts'
import { option, type Verb, verb } from '../verb.ts'

const standardCount = 50

export const auditVerbs: Readonly<Record<string, Verb>> = {
  'audit list': verb({
    summary: 'Lists who changed what, the newest first',
    takes: {
      before: option(
        wholeNumber(1, Number.MAX_SAFE_INTEGER),
        'Only what has a smaller number: the next page',
      ),
      who: option(text, 'Only of whom this is part of the name'),
      what: option(text, 'Only what has this in it: “user ann@example.org”'),
      count: option(wholeNumber(1, 1000), `How many; without it ${standardCount}`),
    },
    run: async ({ admin }, values) => {
      const { before, who, what, count = standardCount } = values
      const search = { ...(who !== undefined && { who }), ...(what !== undefined && { what }), atMost: count }
      const rows = await admin.audit(before, search)
      return {
        kind: 'table',
        columns: ['ID', 'WHEN', 'WHO', 'DID', 'WHAT', 'CHANGES'],
        rows: rows.map(({ id, at, actor, did, on, key, columns }) => [
          id,
          new Date(at).toISOString(),
          actor,
          did,
          `${on} ${key}`,
          columns.map(changeText).join('; '),
        ]),
        json: rows,
      }
    },
  }),
}

/** `quotaBytes: 5 -> 6` */
function changeText({ column, from, to }: ColumnChange): string {
  return `${column}: ${valueText(from)} -> ${valueText(to)}`
}

const valueText = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))
