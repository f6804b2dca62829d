import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { relayTargetExpected, relayTargetText } from '../../../lib/relay-target.ts'
import {
  parseRouteKey,
  parseRouteTarget,
  type RouteKey,
  type RouteMap,
  routeKeyExpected,
} from '../../../lib/route-map.ts'
import type { Kind } from '../../settings/kinds.ts'
import { type Answer, done, mistake, refused } from '../answer.ts'
import { argument, option, optionalPassword, type Verb, type VerbPorts, verb } from '../verb.ts'
import { missing } from './outcome.ts'

const key: Kind<RouteKey> = {
  expected: routeKeyExpected,
  read: (value) => {
    const read = parseRouteKey(value)
    return read && { value: read }
  },
}
const target: Kind<string> = {
  expected: relayTargetExpected,
  read: (value) => (/^\S+$/.test(value) ? { value: value.toLowerCase() } : undefined),
}
const user: Kind<string> = {
  expected: 'a name without colons',
  read: (value) => (/^[^\s:][^:\r\n]*$/.test(value) ? { value } : undefined),
}
const mail = argument(key, 'Whose mail: to a domain, from an address, or from @ and a domain')

/** Mail that has a way of its own. */
export const routeVerbs: Readonly<Record<string, Verb>> = {
  'route list': verb({
    summary: 'Lists whose mail leaves by a server of its own',
    takes: {},
    run: ({ routes }) => reading(routes, listed),
  }),
  'route set': verb({
    summary: 'Sends mail to a domain, or from an address or domain, by another server',
    takes: {
      mail,
      target: argument(target, 'The server, such as smtp.example.org:587'),
      username: option(user, 'Who we are there, with --password-stdin or --password-file'),
      password: optionalPassword(),
    },
    run: async ({ routes }, values) => {
      if (!parseRouteTarget(values.mail, values.target))
        return mistake(`target: expected ${relayTargetExpected}`)
      if ((values.username === undefined) !== (values.password === undefined))
        return mistake('Say both --username and --password-stdin, or none.')
      if (/[\r\n]/.test(values.password ?? '')) return mistake('The password is more than one line.')
      const login = values.username === undefined ? '' : `  ${values.username}:${values.password}`
      return reading(routes, async () => {
        await routes.set(values.mail, `${values.mail}  ${values.target}${login}`)
        return done(`Mail ${said(values.mail)} leaves by ${values.target}.`, { mail: values.mail })
      })
    },
  }),
  'route delete': verb({
    summary: 'Takes a route away: such mail leaves as it would without it',
    takes: { mail },
    run: ({ routes }, values) =>
      reading(routes, async (map) => {
        if (!map.has(values.mail)) return missing(`route for ${values.mail}`)
        await routes.delete(values.mail)
        return done(`Mail ${said(values.mail)} leaves as it would without a route.`, { mail: values.mail })
      }),
  }),
}

/** A file that somebody has damaged is not written to: mail waits for its owner to look at it. */
async function reading(
  routes: VerbPorts['routes'],
  then: (map: RouteMap) => Answer | Promise<Answer>,
): Promise<Answer> {
  let map: RouteMap
  try {
    map = await routes.read()
  } catch (cause) {
    if (!(cause instanceof BadSyntax)) throw cause
    return refused(`routes.map cannot be read: ${cause.message}`)
  }
  return then(map)
}

const said = (one: RouteKey) => `${one.includes('@') ? 'from' : 'to'} ${one}`

function listed(map: RouteMap): Answer {
  const rows = [...map].map(([mail, { target, login }]) => ({
    mail: said(mail),
    by: relayTargetText(target),
    username: login?.user ?? '',
  }))
  return {
    kind: 'table',
    columns: ['MAIL', 'BY', 'AS'],
    rows: rows.map(({ mail, by, username }) => [mail, by, username]),
    json: rows,
  }
}
