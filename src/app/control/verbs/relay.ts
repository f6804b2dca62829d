import { relayColumns } from '../../directory/columns.ts'
import { domain } from '../../settings/kinds.ts'
import { argument, type Verb, verb } from '../verb.ts'
import { actor, changed, missing, outcome } from './outcome.ts'
import { columnOptions, columnsSaid, listed, shownRow } from './rows.ts'

const name = argument(domain, 'Domain whose mail is passed on')

export const relayVerbs: Readonly<Record<string, Verb>> = {
  'relay list': verb({
    summary: 'Lists the domains whose mail is passed on',
    takes: {},
    run: async ({ admin }) => listed(await admin.relays(), { DOMAIN: (row) => row.name }, relayColumns),
  }),
  'relay show': verb({
    summary: 'Shows where the mail of a domain is passed on to',
    takes: { name },
    run: async ({ admin }, values) => {
      const found = (await admin.relays()).find((row) => row.name === values.name)
      return found ? shownRow(found) : missing(values.name)
    },
  }),
  'relay add': verb({
    summary: 'Takes mail for a domain and passes it on',
    takes: { name, ...columnOptions(relayColumns) },
    run: async ({ admin }, values) => {
      const row = { name: values.name, ...columnsSaid(relayColumns, values) }
      return outcome(await admin.add('relay', row, actor), values.name, 'added')
    },
  }),
  'relay set': verb({
    summary: 'Changes where the mail of a domain is passed on to',
    takes: { name, ...columnOptions(relayColumns) },
    run: async ({ admin }, values) => {
      const to = columnsSaid(relayColumns, values)
      return changed(admin, { on: 'relay', key: values.name, to, what: values.name })
    },
  }),
  'relay delete': verb({
    summary: 'Takes no more mail for a domain',
    takes: { name },
    run: async ({ admin }, values) =>
      outcome(await admin.delete('relay', values.name, actor), values.name, 'deleted'),
  }),
}
