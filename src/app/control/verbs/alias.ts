import { type Address, domainOf } from '../../../lib/address.ts'
import { aliasColumns } from '../../directory/columns.ts'
import { aliasAddress } from '../../directory/kinds.ts'
import { address, atLeastOne, domain, listOf, yesNo } from '../../settings/kinds.ts'
import { argument, option, rest, type Verb, verb } from '../verb.ts'
import { addInDomain } from './in-domain.ts'
import { actor, changed, missing, outcome } from './outcome.ts'
import { columnOptions, columnsSaid, listed, shownRow } from './rows.ts'

const called = argument(aliasAddress, 'Address of the alias')
const { destination: _, ...columns } = columnOptions(aliasColumns)

export const aliasVerbs: Readonly<Record<string, Verb>> = {
  'alias list': verb({
    summary: 'Lists the aliases',
    takes: { domain: option(domain, 'Only of this domain') },
    run: async ({ admin }, values) =>
      listed(await admin.aliases(values.domain), { ALIAS: (row) => row.address }, aliasColumns),
  }),
  'alias show': verb({
    summary: 'Shows an alias',
    takes: { address: called },
    run: async ({ admin }, values) => {
      const found = (await admin.aliases()).find((row) => row.address === values.address)
      return found ? shownRow(found) : missing(values.address)
    },
  }),
  'alias add': verb({
    summary: 'Adds an alias',
    takes: {
      address: called,
      destination: rest(atLeastOne(listOf(address)), 'Addresses it leads to'),
      'create-domain': option(yesNo, 'Adds the domain where it is missing'),
      ...columns,
    },
    run: async ({ admin }, values) => {
      const row = {
        wildcard: values.address.includes('%'),
        ...columnsSaid(aliasColumns, values),
        address: values.address,
        destination: values.destination,
      }
      const change = { on: 'alias', do: 'add', row } as const
      const make = values['create-domain'] ? domainOf(values.address as Address) : undefined
      return outcome(await addInDomain(admin, change, make), values.address, 'added')
    },
  }),
  'alias set': verb({
    summary: 'Changes an alias',
    takes: { address: called, ...columnOptions(aliasColumns) },
    run: async ({ admin }, values) => {
      const to = columnsSaid(aliasColumns, values)
      return changed(admin, { on: 'alias', key: values.address, to, what: values.address })
    },
  }),
  'alias delete': verb({
    summary: 'Deletes an alias',
    takes: { address: called },
    run: async ({ admin }, values) =>
      outcome(await admin.delete('alias', values.address, actor), values.address, 'deleted'),
  }),
}
