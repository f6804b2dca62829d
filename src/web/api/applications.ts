import { z } from 'zod'
import { oauthScopes } from '../../lib/oauth-scopes.ts'
import type { OAuthClientRow } from '../../ports/oauth.ts'
import { json, later, list, missing, outcome } from './answer.ts'
import { flag, said, text, timeOf } from './fields.ts'
import { type Operation, operation } from './operation.ts'

const params = { id: text('Its client ID') }
const settings = {
  redirect_uris: z.array(z.string()).meta({ description: 'Where answers go, to the letter' }).optional(),
  scopes: z.array(z.enum(oauthScopes)).meta({ description: 'What it may ask for' }).optional(),
  device: flag('It shows a code that people type').optional(),
  signing: z.enum(['RS256', 'ES256']).meta({ description: 'Of its ID tokens' }).optional(),
}
const applicationGet = z.object({
  client_id: text('Its name to programs'),
  name: text('Its name to people'),
  confidential: flag('It has a secret'),
  redirect_uris: z.array(z.string()),
  scopes: z.array(z.enum(oauthScopes)),
  device: flag('It shows a code that people type'),
  signing: text('Of its ID tokens'),
  created_at: text('Since when'),
})
const told = z.object({
  client_id: text('Its name to programs'),
  client_secret: text('Told this once').optional(),
})

/** Applications that people may let in (OAuth 2.0). */
export const applicationOperations: readonly Operation[] = [
  operation({
    area: 'application',
    method: 'get',
    path: '/application',
    summary: 'Lists the applications that people may let in',
    answers: z.array(applicationGet),
    run: async ({ ports: { clients } }) => list((await clients.list()).map(shown)),
  }),
  operation({
    area: 'application',
    method: 'post',
    path: '/application',
    summary: 'Registers an application, and tells its secret once',
    body: z.object({
      name: text('Its name to people'),
      confidential: flag('It has a secret').optional(),
      ...settings,
    }),
    answers: told,
    run: async ({ ports: { clients }, actor, body }) => {
      const client = {
        name: body.name,
        redirectUris: body.redirect_uris ?? [],
        scopes: body.scopes ?? (['openid', 'profile', 'email'] as const),
        device: body.device ?? false,
        signing: body.signing ?? ('RS256' as const),
      }
      const added = await clients.add({ ...client, isConfidential: body.confidential ?? true }, actor)
      if (added.kind !== 'added') return outcome(added, `Application ${body.name}`, 'created')
      return json({ client_id: added.id, client_secret: added.secret })
    },
  }),
  operation({
    area: 'application',
    method: 'get',
    path: '/application/{id}',
    summary: 'Shows an application, but not its secret',
    params,
    answers: applicationGet,
    run: async ({ ports: { clients }, params: { id } }) => {
      const found = await clients.find(id)
      return found ? json(shown(found)) : missing(`application ${id}`)
    },
  }),
  operation({
    area: 'application',
    method: 'patch',
    path: '/application/{id}',
    summary: 'Changes an application; what it was allowed stays',
    params,
    body: z.object({ name: text('Its name to people').optional(), ...settings }),
    run: async ({ ports: { clients }, actor, params: { id }, body }) => {
      const { redirect_uris: redirectUris, name, scopes, device, signing } = body
      const to = said({ name, redirectUris, scopes, device, signing })
      return outcome(await clients.set(id, to, actor), `Application ${id}`, 'updated')
    },
  }),
  operation({
    area: 'application',
    method: 'post',
    path: '/application/{id}/secret',
    summary: 'Gives an application a new secret, and tells it once',
    params,
    answers: told,
    run: async ({ ports: { clients }, actor, params: { id } }) => {
      const renewed = await clients.newSecret(id, actor)
      if (renewed.kind === 'later') return later(renewed)
      if (renewed.kind === 'missing') return missing(`application ${id} with a secret`)
      return json({ client_id: id, client_secret: renewed.secret })
    },
  }),
  operation({
    area: 'application',
    method: 'delete',
    path: '/application/{id}',
    summary: 'Deletes an application, with everything that people have allowed it',
    params,
    run: async ({ ports: { clients }, actor, params: { id } }) =>
      outcome(await clients.delete(id, actor), `Application ${id}`, 'deleted'),
  }),
]

const shown = ({
  id,
  name,
  isConfidential,
  redirectUris,
  scopes,
  device,
  signing,
  createdAt,
}: OAuthClientRow) => ({
  client_id: id,
  name,
  confidential: isConfidential,
  redirect_uris: redirectUris,
  scopes,
  device,
  signing,
  created_at: timeOf(createdAt),
})
