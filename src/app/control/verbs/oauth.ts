import { isOAuthScope, type OAuthScope } from '../../../lib/oauth-scopes.ts'
import { list as listKind } from '../../directory/kinds.ts'
import { atLeastOne, type Kind, text } from '../../settings/kinds.ts'
import { done, mistake } from '../answer.ts'
import { argument, flag, option, type Verb, verb } from '../verb.ts'
import { actor, missing, outcome } from './outcome.ts'

const scope: Kind<OAuthScope> = {
  expected: 'one of openid, profile, email, offline_access, mail, imap, pop3, smtp, sieve, api',
  read: (value) => (isOAuthScope(value) ? { value } : undefined),
}
const signing: Kind<'RS256' | 'ES256'> = {
  expected: 'RS256 or ES256',
  read: (value) => (value === 'RS256' || value === 'ES256' ? { value } : undefined),
}

const id = argument(text, 'Client ID, as the list has it')
const options = {
  redirects: option(
    listKind(text),
    'Where answers go, to the letter, separated by commas; of 127.0.0.1 any port',
  ),
  scopes: option(atLeastOne(listKind(scope)), 'What it may ask for; without, openid,profile,email'),
  device: flag('It shows a code that people type at /oauth/device'),
  signing: option(signing, 'Of its ID tokens; without, RS256'),
}
const signIn: readonly OAuthScope[] = ['openid', 'profile', 'email']

/** Applications that may ask people to be let in (OAuth 2.0, OpenID Connect). */
export const oauthVerbs: Readonly<Record<string, Verb>> = {
  'oauth list': verb({
    summary: 'Lists the applications that people may let in',
    takes: {},
    run: async ({ oauth }) => {
      const rows = await oauth.clients.list()
      return {
        kind: 'table',
        columns: ['ID', 'NAME', 'SECRET', 'SCOPES', 'REDIRECTS', 'DEVICE'],
        rows: rows.map((row) => [
          row.id,
          row.name,
          row.isConfidential ? 'yes' : 'no',
          row.scopes.join(','),
          row.redirectUris.join(','),
          row.device ? 'yes' : 'no',
        ]),
        json: rows,
      }
    },
  }),
  'oauth add': verb({
    summary: 'Registers an application, and tells its secret once',
    takes: {
      name: argument(text, 'Name that people are shown'),
      ...options,
      public: flag('It runs on people’s own devices, and has no secret'),
    },
    run: async ({ oauth }, values) => {
      const { name, redirects = [], scopes = signIn, device = false, signing: signs = 'RS256' } = values
      const client = { name, redirectUris: redirects, scopes, device, signing: signs }
      const added = await oauth.clients.add({ ...client, isConfidential: values.public !== true }, actor)
      if (added.kind !== 'added') return outcome(added, name, '')
      const lines = [`Client ID of ${name}: ${added.id}`]
      if (added.secret !== undefined) lines.push(`Secret: ${added.secret}`, 'It is not shown again.')
      return done(lines.join('\n'), { result: 'added', id: added.id, secret: added.secret })
    },
  }),
  'oauth set': verb({
    summary: 'Changes an application; what it was allowed stays',
    takes: {
      id,
      name: option(text, 'Name that people are shown'),
      ...options,
      noDevice: flag('It shows no code any more'),
    },
    run: async ({ oauth }, values) => {
      const { name, redirects, scopes, device, noDevice, signing: signs } = values
      const shows = noDevice === true ? false : device
      const to = {
        ...(name !== undefined && { name }),
        ...(redirects && { redirectUris: redirects }),
        ...(scopes && { scopes }),
        ...(shows !== undefined && { device: shows }),
        ...(signs && { signing: signs }),
      }
      if (Object.keys(to).length === 0) return mistake('Say what to change: --help has the options.')
      return outcome(await oauth.clients.set(values.id, to, actor), `application ${values.id}`, 'changed')
    },
  }),
  'oauth secret': verb({
    summary: 'Gives an application a new secret and tells it once; the one until now is good no more',
    takes: { id },
    run: async ({ oauth }, values) => {
      const made = await oauth.clients.newSecret(values.id, actor)
      if (made.kind === 'missing') return missing(`application ${values.id} with a secret`)
      if (made.kind === 'later') return outcome(made, values.id, '')
      const answer = { result: 'changed', id: values.id, secret: made.secret }
      return done(`Secret of ${values.id}: ${made.secret}\nIt is not shown again.`, answer)
    },
  }),
  'oauth delete': verb({
    summary: 'Deletes an application, with everything that people have allowed it',
    takes: { id },
    run: async ({ oauth }, values) =>
      outcome(await oauth.clients.delete(values.id, actor), `application ${values.id}`, 'deleted'),
  }),
  'oauth rotate-keys': verb({
    summary: 'Makes new keys for ID tokens; the old ones are told for some months more',
    takes: {},
    run: async ({ oauth }) => {
      const rotated = await oauth.keys.rotate(actor)
      return rotated.kind === 'later'
        ? outcome(rotated, 'keys', '')
        : done('New keys sign from now on.', { result: 'rotated' })
    },
  }),
}
