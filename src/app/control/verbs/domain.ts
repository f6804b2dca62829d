import type { DomainName } from '../../../lib/address.ts'
import type { DomainRow } from '../../../ports/directory-admin.ts'
import { domain, listOf, size, text, wholeNumber } from '../../settings/kinds.ts'
import { done } from '../answer.ts'
import { argument, given, option, type Verb, verb } from '../verb.ts'
import { outcome } from './outcome.ts'
import { countText, sizeText } from '../../directory/size-text.ts'

const name = argument(domain, 'Domain name')
const limit = wholeNumber(-1, 1_000_000_000)
const columns = {
  'max-users': option(limit, 'Most users; -1 is unlimited'),
  'max-aliases': option(limit, 'Most aliases; -1 is unlimited'),
  'max-quota': option(size, 'Largest quota of one user; 0 is unlimited'),
  alternatives: option(listOf(domain), 'Other names of this domain, separated by commas'),
  comment: option(text, 'For you'),
}

interface Given {
  readonly 'max-users': number | undefined
  readonly 'max-aliases': number | undefined
  readonly 'max-quota': number | undefined
  readonly alternatives: readonly DomainName[] | undefined
  readonly comment: string | undefined
}

const change = (values: Given) =>
  given({
    maxUsers: values['max-users'],
    maxAliases: values['max-aliases'],
    maxQuotaBytes: values['max-quota'],
    alternatives: values.alternatives,
    comment: values.comment,
  })

/** What a domain is that nobody said anything about. */
export const plainDomain = (called: DomainName): DomainRow => ({
  name: called,
  maxUsers: -1,
  maxAliases: -1,
  maxQuotaBytes: 0,
  alternatives: [],
  comment: '',
})

export const domainVerbs: Readonly<Record<string, Verb>> = {
  'domain list': verb({
    summary: 'Lists the domains',
    takes: {},
    run: async ({ admin }) => {
      const rows = await admin.domains()
      return {
        kind: 'table',
        columns: ['DOMAIN', 'MAX USERS', 'MAX ALIASES', 'MAX QUOTA', 'ALTERNATIVES', 'COMMENT'],
        rows: rows.map((row) => [
          row.name,
          countText(row.maxUsers),
          countText(row.maxAliases),
          sizeText(row.maxQuotaBytes),
          row.alternatives.join(','),
          row.comment,
        ]),
        json: rows,
      }
    },
  }),
  'domain show': verb({
    summary: 'Shows a domain',
    takes: { name },
    run: async ({ admin }, values) => {
      const found = (await admin.domains()).find((row) => row.name === values.name)
      return found ? shown({ ...found }) : outcome({ kind: 'missing' }, values.name, '')
    },
  }),
  'domain add': verb({
    summary: 'Adds a domain',
    takes: { name, ...columns },
    run: async ({ admin }, values) => {
      const known = (await admin.domains()).some((row) => row.name === values.name)
      if (known)
        return { kind: 'refused', text: `${values.name} is there already. Change it with: domain set` }
      const added = await admin.addDomain({ ...plainDomain(values.name), ...change(values) })
      return outcome(added, values.name, 'added')
    },
  }),
  'domain set': verb({
    summary: 'Changes a domain',
    takes: { name, ...columns },
    run: async ({ admin }, values) =>
      outcome(await admin.setDomain(values.name, change(values)), values.name, 'changed'),
  }),
  'domain delete': verb({
    summary: 'Deletes a domain with its users, their mail, and its aliases',
    takes: { name },
    run: async ({ admin }, values) => outcome(await admin.deleteDomain(values.name), values.name, 'deleted'),
  }),
}

/** `name: value` lines for people. */
export function shown(row: Readonly<Record<string, unknown>>) {
  const lines = Object.entries(row).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? value.join(', ') : String(value)}`,
  )
  return done(lines.join('\n'), row)
}
