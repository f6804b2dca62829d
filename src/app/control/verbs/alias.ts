import { parseAddress, parseDomain } from '../../../lib/address.ts'
import { address, atLeastOne, domain, type Kind, listOf, text, yesNo } from '../../settings/kinds.ts'
import { argument, given, option, rest, type Verb, verb } from '../verb.ts'
import { shown } from './domain.ts'
import { outcome } from './outcome.ts'

/** The local part may be a pattern: `%@example.org` catches all. */
const aliasAddress: Kind<string> = {
  expected: 'an address, such as info@example.org, or with --wildcard true a pattern, such as %@example.org',
  read: (value) => {
    const at = value.lastIndexOf('@')
    const local = value.slice(0, at).toLowerCase()
    const name = at > 0 ? parseDomain(value.slice(at + 1)) : undefined
    const plain = parseAddress(`${local.replaceAll('%', 'x')}@example.org`)
    return name !== undefined && plain !== undefined ? { value: `${local}@${name}` } : undefined
  },
}

const called = argument(aliasAddress, 'Address of the alias')
const destinations = atLeastOne(listOf(address))
const columns = {
  wildcard: option(yesNo, 'The local part is a pattern: % stands for anything, _ for one character'),
  disabled: option(yesNo, 'Refuses mail'),
  comment: option(text, 'For you'),
}

export const aliasVerbs: Readonly<Record<string, Verb>> = {
  'alias list': verb({
    summary: 'Lists the aliases',
    takes: { domain: option(domain, 'Only of this domain') },
    run: async ({ admin }, values) => {
      const rows = await admin.aliases(values.domain)
      return {
        kind: 'table',
        columns: ['ALIAS', 'DESTINATION', 'WILDCARD', 'DISABLED', 'COMMENT'],
        rows: rows.map((row) => [
          row.address,
          row.destination.join(','),
          row.wildcard,
          row.disabled,
          row.comment,
        ]),
        json: rows,
      }
    },
  }),
  'alias show': verb({
    summary: 'Shows an alias',
    takes: { address: called },
    run: async ({ admin }, values) => {
      const found = (await admin.aliases()).find((row) => row.address === values.address)
      return found ? shown({ ...found }) : outcome({ kind: 'missing' }, values.address, '')
    },
  }),
  'alias add': verb({
    summary: 'Adds an alias',
    takes: {
      address: called,
      destination: rest(destinations, 'Addresses it leads to'),
      ...columns,
    },
    run: async ({ admin }, values) => {
      const added = await admin.addAlias({
        address: values.address,
        destination: values.destination,
        wildcard: values.wildcard ?? values.address.includes('%'),
        disabled: values.disabled ?? false,
        comment: values.comment ?? '',
      })
      return outcome(added, values.address, 'added')
    },
  }),
  'alias set': verb({
    summary: 'Changes an alias',
    takes: {
      address: called,
      destination: option(destinations, 'Addresses it leads to, separated by commas'),
      ...columns,
    },
    run: async ({ admin }, { address: name, ...values }) =>
      outcome(await admin.setAlias(name, given(values)), name, 'changed'),
  }),
  'alias delete': verb({
    summary: 'Deletes an alias',
    takes: { address: called },
    run: async ({ admin }, values) =>
      outcome(await admin.deleteAlias(values.address), values.address, 'deleted'),
  }),
}
