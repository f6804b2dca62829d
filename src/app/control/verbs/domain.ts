import type { DomainName } from '../../../lib/address.ts'
import { domainColumns } from '../../directory/columns.ts'
import { domain, yesNo } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, flag, option, type Verb, type VerbPorts, verb } from '../verb.ts'
import { warned } from './last-admin.ts'
import { actor, changed, missing, outcome } from './outcome.ts'
import { columnOptions, columnsSaid, listed, shownRow } from './rows.ts'

const name = argument(domain, 'Domain name')
const alternative = argument(domain, 'Another name of it')

export const domainVerbs: Readonly<Record<string, Verb>> = {
  'domain list': verb({
    summary: 'Lists the domains',
    takes: {},
    run: async ({ admin }) => listed(await admin.domains(), { DOMAIN: (row) => row.name }, domainColumns),
  }),
  'domain show': verb({
    summary: 'Shows a domain',
    takes: { name },
    run: async ({ admin }, values) => {
      const found = (await admin.domains()).find((row) => row.name === values.name)
      return found ? shownRow(found) : missing(values.name)
    },
  }),
  'domain add': verb({
    summary: 'Adds a domain',
    takes: {
      name,
      'if-missing': option(yesNo, 'Leaves it as it is where it is there already'),
      ...columnOptions(domainColumns),
    },
    run: async ({ admin }, values) => {
      if (values['if-missing'] && (await isDomain(admin, values.name))) {
        return done(`${values.name} is there already.`, { result: 'unchanged', name: values.name })
      }
      const row = { name: values.name, ...columnsSaid(domainColumns, values) }
      return outcome(await admin.add('domain', row, actor), values.name, 'added')
    },
  }),
  'domain set': verb({
    summary: 'Changes a domain',
    takes: { name, ...columnOptions(domainColumns) },
    run: async ({ admin }, values) => {
      const to = columnsSaid(domainColumns, values)
      return changed(admin, { on: 'domain', key: values.name, to, what: values.name })
    },
  }),
  'domain delete': verb({
    summary: 'Deletes a domain with its users, their mail, and its aliases',
    takes: { name, 'with-users': flag('Also where it has users: they and their mail are deleted') },
    run: async ({ admin }, values) => {
      const inside = await admin.users(values.name)
      if (inside.length > 0 && !values['with-users'])
        return refused(withUsersText(values.name, inside.length))
      const deleted = await admin.delete('domain', values.name, actor)
      return warned(admin, inside, outcome(deleted, values.name, 'deleted'))
    },
  }),
  'domain alternative add': verb({
    summary: 'Gives a domain another name',
    takes: { name, alternative },
    run: ({ admin }, values) =>
      changeAlternatives(admin, values.name, (had) => {
        const known = had.includes(values.alternative)
        return known ? `${values.name} has that name already.` : [...had, values.alternative]
      }),
  }),
  'domain alternative delete': verb({
    summary: 'Takes another name of a domain away',
    takes: { name, alternative },
    run: ({ admin }, values) =>
      changeAlternatives(admin, values.name, (had) => {
        const kept = had.filter((other) => other !== values.alternative)
        return kept.length < had.length ? kept : `${values.alternative} is no other name of ${values.name}.`
      }),
  }),
}

function withUsersText(name: DomainName, users: number): string {
  const whose = users === 1 ? 'a user' : `${users} users`
  return `${name} has ${whose}. Delete them first, or say --with-users to delete them and all their mail with it.`
}

type Admin = VerbPorts['admin']

async function changeAlternatives(
  admin: Admin,
  name: DomainName,
  change: (had: readonly DomainName[]) => readonly DomainName[] | string,
): Promise<Answer> {
  const row = (await admin.domains()).find((known) => known.name === name)
  if (!row) return missing(name)
  const alternatives = change(row.alternatives)
  if (typeof alternatives === 'string') return refused(alternatives)
  return outcome(await admin.set('domain', name, { alternatives }, actor), name, 'changed')
}

/** Under its own name or another. */
export async function isDomain(admin: Admin, name: DomainName): Promise<boolean> {
  return (await admin.domains()).some((row) => row.name === name || row.alternatives.includes(name))
}
