import type { ApiArea, ApiScope } from '../../../ports/api-access.ts'
import { instantOrNever, list as listKind, networkText } from '../../directory/kinds.ts'
import { atLeastOne, domain as domainKind, type Kind, text } from '../../settings/kinds.ts'
import { done } from '../answer.ts'
import { argument, option, type Verb, verb } from '../verb.ts'
import { actor, outcome } from './outcome.ts'

const areas: Readonly<Record<ApiArea | 'all', true>> = {
  all: true,
  domain: true,
  alternative: true,
  user: true,
  alias: true,
  relay: true,
  token: true,
  session: true,
  fetch: true,
  application: true,
  queue: true,
  trace: true,
}

const scope: Kind<ApiScope> = {
  expected: `read or write behind one of ${Object.keys(areas).join(', ')}, such as alias:write`,
  read: (value) => {
    const [, area = ''] = /^(\w+):(?:read|write)$/.exec(value) ?? []
    return Object.hasOwn(areas, area) ? { value: value as ApiScope } : undefined
  },
}

const name = argument(text, 'Name of the key')

/** Keys of the API beside API_TOKEN. Their secret is told once, when they are made. */
export const apiKeyVerbs: Readonly<Record<string, Verb>> = {
  'api key list': verb({
    summary: 'Lists the keys of the API',
    takes: {},
    run: async ({ apiKeys }) => {
      const rows = await apiKeys.list()
      const date = (at: number) => new Date(at).toISOString()
      return {
        kind: 'table',
        columns: ['NAME', 'DOMAIN', 'SCOPES', 'NETWORKS', 'EXPIRES', 'LAST USED'],
        rows: rows.map((row) => [
          row.name,
          row.domain ?? 'all',
          row.scopes.join(','),
          row.networks.join(','),
          row.expires === 'never' ? 'never' : date(row.expires),
          row.lastUsed ? `${date(row.lastUsed.at)} ${row.lastUsed.by}` : 'never',
        ]),
        json: rows,
      }
    },
  }),
  'api key add': verb({
    summary: 'Makes a key of the API for one program, and tells it once',
    takes: {
      name,
      scopes: argument(
        atLeastOne(listKind(scope)),
        'What it is for, separated by commas: alias:write,user:read',
      ),
      networks: option(listKind(networkText), 'Addresses and networks it works from; without any, anywhere'),
      expires: option(instantOrNever, 'When it ends'),
      domain: option(domainKind, 'The only domain it reaches; without one, all'),
    },
    run: async ({ apiKeys }, values) => {
      const { scopes, networks = [], expires = 'never', domain } = values
      const key = { name: values.name, scopes, networks, expires, domain, owner: undefined }
      const added = await apiKeys.add(key, actor)
      if (added.kind !== 'added') return outcome(added, values.name, '')
      const answer = { result: 'added', name: values.name, secret: added.secret }
      return done(`Key ${values.name}: ${added.secret}\nIt is not shown again.`, answer)
    },
  }),
  'api key delete': verb({
    summary: 'Deletes a key of the API',
    takes: { name },
    run: async ({ apiKeys }, values) =>
      outcome(await apiKeys.delete(values.name, actor), `key ${values.name}`, 'deleted'),
  }),
}
