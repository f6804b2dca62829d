import { tokenColumns } from '../../directory/columns.ts'
import { address, wholeNumber } from '../../settings/kinds.ts'
import { done } from '../answer.ts'
import { argument, option, type Verb, verb } from '../verb.ts'
import { actor, changed, missing, outcome } from './outcome.ts'
import { columnOptions, columnsSaid, listed, shownRow } from './rows.ts'

const id = argument(wholeNumber(1, Number.MAX_SAFE_INTEGER), 'Number of the token, as the list has it')

/** App passwords. Their secret is told once, when they are made. */
export const tokenVerbs: Readonly<Record<string, Verb>> = {
  'token list': verb({
    summary: 'Lists the app passwords',
    takes: { user: option(address, 'Only of this user') },
    run: async ({ admin }, values) =>
      listed(
        await admin.tokens(values.user),
        {
          ID: (row) => row.id,
          USER: (row) => row.user,
          'LAST USED': ({ lastUsed }) => (lastUsed ? new Date(lastUsed.at).toISOString() : 'never'),
        },
        tokenColumns,
      ),
  }),
  'token show': verb({
    summary: 'Shows an app password, but not its secret',
    takes: { id },
    run: async ({ admin }, values) => {
      const found = (await admin.tokens()).find((row) => row.id === values.id)
      return found ? shownRow(found) : missing(`token ${values.id}`)
    },
  }),
  'token add': verb({
    summary: 'Makes an app password for a user, and tells it once',
    takes: { user: argument(address, 'Whose it is'), ...columnOptions(tokenColumns) },
    run: async ({ admin }, values) => {
      const added = await admin.add(
        'token',
        { user: values.user, ...columnsSaid(tokenColumns, values) },
        actor,
      )
      if (added.kind !== 'added') return outcome(added, values.user, '')
      const { id: made = 0, secret = '' } = added
      const text = `Token ${made} of ${values.user}: ${secret}\nIt is not shown again.`
      return done(text, { result: 'added', id: made, secret })
    },
  }),
  'token set': verb({
    summary: 'Changes an app password, but not its secret',
    takes: { id, ...columnOptions(tokenColumns) },
    run: async ({ admin }, values) => {
      const to = columnsSaid(tokenColumns, values)
      return changed(admin, { on: 'token', key: values.id, to, what: `token ${values.id}` })
    },
  }),
  'token delete': verb({
    summary: 'Deletes an app password',
    takes: { id },
    run: async ({ admin }, values) =>
      outcome(await admin.delete('token', values.id, actor), `token ${values.id}`, 'deleted'),
  }),
}
