import type { Grant } from '../../../ports/directory-rows.ts'
import { address, domain } from '../../settings/kinds.ts'
import type { Answer } from '../answer.ts'
import { argument, option, type Verb, verb } from '../verb.ts'
import { actor, outcome } from './outcome.ts'

const where = argument(domain, 'Domain name')
const who = argument(address, 'Address of the user')
const onlyHere = option(domain, 'Only of this domain')

/** Who may do something in a domain: there or not, nothing to set. */
export const grantVerbs: Readonly<Record<string, Verb>> = {
  'manager list': verb({
    summary: 'Lists who manages which domain',
    takes: { domain: onlyHere },
    run: async ({ admin }, values) => listGrants(await admin.managers(), values.domain),
  }),
  'manager add': verb({
    summary: 'Lets a user manage a domain: its users, aliases and alternatives',
    takes: { domain: where, user: who },
    run: async ({ admin }, grant) =>
      outcome(await admin.add('manager', grant, actor), grant.user, `manages ${grant.domain} now`),
  }),
  'manager delete': verb({
    summary: 'Lets a user manage a domain no more',
    takes: { domain: where, user: who },
    run: async ({ admin }, grant) =>
      outcome(await admin.delete('manager', grant, actor), `${grant.user} for ${grant.domain}`, 'deleted'),
  }),
  'access list': verb({
    summary: 'Lists who may make anonymous aliases in a domain of others',
    takes: { domain: onlyHere },
    run: async ({ admin }, values) => listGrants(await admin.accesses(), values.domain),
  }),
  'access add': verb({
    summary: 'Lets a user make anonymous aliases in a domain',
    takes: { domain: where, user: who },
    run: async ({ admin }, grant) =>
      outcome(
        await admin.add('access', grant, actor),
        grant.user,
        `may make anonymous aliases in ${grant.domain} now`,
      ),
  }),
  'access delete': verb({
    summary: 'Lets a user make anonymous aliases in a domain no more',
    takes: { domain: where, user: who },
    run: async ({ admin }, grant) =>
      outcome(await admin.delete('access', grant, actor), `${grant.user} for ${grant.domain}`, 'deleted'),
  }),
}

function listGrants(grants: readonly Grant[], only: Grant['domain'] | undefined): Answer {
  const rows = grants.filter((grant) => only === undefined || grant.domain === only)
  return {
    kind: 'table',
    columns: ['DOMAIN', 'USER'],
    rows: rows.map((grant) => [grant.domain, grant.user]),
    json: rows,
  }
}
