import { z } from 'zod'
import type { Address } from '../../lib/address.ts'
import { readableName } from '../../lib/readable-name.ts'
import type { TokenRow } from '../../ports/directory-rows.ts'
import { type Answer, json, list, missing, outcome, withoutNulls } from './answer.ts'
import { address, comment, dayOf, number, said, text } from './fields.ts'
import { type ApiPorts, type Asked, type Operation, operation } from './operation.ts'
import { outOfReach } from './reach.ts'

const settings = {
  comment: comment.optional(),
  AuthorizedIP: z
    .array(text('An address or a network').meta({ example: '203.0.113.0/24' }))
    .meta({ description: 'From where it works; without any from anywhere' })
    .optional(),
}
const tokenGet = z.object({
  id: z.int().meta({ description: 'Its number' }),
  email: text('Whose it is'),
  comment,
  AuthorizedIP: z.array(text('An address or a network')),
  Created: text('The day it was made'),
  'Last edit': text('The day it was changed').nullable(),
})
const tokenMade = tokenGet.omit({ 'Last edit': true }).extend({ token: text('The secret, told this once') })
const params = { token_id: number('token') }

export const tokenOperations: readonly Operation[] = [
  operation({
    area: 'token',
    method: 'get',
    path: '/token',
    summary: 'Lists the app passwords of everybody',
    // Mailu's lists have it as a text here, and as a number everywhere else.
    answers: z.array(tokenGet.extend({ id: text('Its number') })),
    run: async ({ ports: { admin } }) =>
      list((await admin.tokens()).map((row) => withoutNulls({ ...shown(row), id: String(row.id) }))),
  }),
  operation({
    area: 'token',
    method: 'post',
    path: '/token',
    summary: 'Makes an app password, and tells it once',
    body: z.object({ email: address, ...settings }),
    answers: tokenMade,
    run: (call) => make(call, call.body.email),
  }),
  operation({
    area: 'token',
    method: 'get',
    path: '/tokenuser/{email}',
    summary: 'Lists the app passwords of a user',
    params: { email: address },
    answers: z.array(tokenGet),
    run: async ({ ports: { admin }, params: { email } }) => {
      if (!(await admin.user(email))) return missing(`user ${email}`)
      return list((await admin.tokens(email)).map(shown))
    },
  }),
  operation({
    area: 'token',
    method: 'post',
    path: '/tokenuser/{email}',
    summary: 'Makes an app password for a user, and tells it once',
    params: { email: address },
    body: z.object(settings),
    answers: tokenMade,
    run: (call) => make(call, call.params.email),
  }),
  operation({
    area: 'token',
    method: 'get',
    path: '/token/{token_id}',
    summary: 'Shows an app password, but not its secret',
    params,
    answers: tokenGet,
    run: async ({ ports: { admin }, params: { token_id: id } }) => {
      const found = (await admin.tokens()).find((row) => row.id === id)
      return found ? json(shown(found)) : missing(`token ${id}`)
    },
  }),
  operation({
    area: 'token',
    method: 'patch',
    path: '/token/{token_id}',
    summary: 'Changes an app password, but not its secret',
    params,
    body: z.object(settings),
    run: async ({ ports: { admin }, actor, scopes, params: { token_id: id }, body }) =>
      (await outOfReach({ admin }, scopes, { user: await ownerOf(admin, id) })) ??
      outcome(await admin.set('token', id, settingsOf(body), actor), `Token ${id}`, 'updated'),
  }),
  operation({
    area: 'token',
    method: 'delete',
    path: '/token/{token_id}',
    summary: 'Deletes an app password',
    params,
    run: async ({ ports: { admin }, actor, scopes, params: { token_id: id } }) =>
      (await outOfReach({ admin }, scopes, { user: await ownerOf(admin, id) })) ??
      outcome(await admin.delete('token', id, actor), `Token ${id}`, 'deleted'),
  }),
]

const ownerOf = async (admin: ApiPorts['admin'], id: number): Promise<Address | undefined> =>
  (await admin.tokens()).find((row) => row.id === id)?.user

interface Said {
  readonly comment?: string | undefined
  readonly AuthorizedIP?: readonly string[] | undefined
}

const settingsOf = (body: Said) => said({ comment: body.comment, networks: body.AuthorizedIP })

type Making = Pick<Asked, 'actor' | 'scopes'> & { readonly ports: ApiPorts; readonly body: Said }

async function make({ ports, actor, scopes, body }: Making, user: Address): Promise<Answer> {
  const { admin } = ports
  const barred = await outOfReach(ports, scopes, { user })
  if (barred) return barred
  const added = await admin.add('token', { user, ...settingsOf(body) }, actor)
  if (added.kind !== 'added') return outcome(added, `token of ${user}`, '')
  return json({
    id: added.id,
    token: added.secret,
    email: readableName(user),
    comment: body.comment ?? '',
    AuthorizedIP: body.AuthorizedIP ?? [],
    Created: dayOf(Date.now()),
  })
}

const shown = ({ id, user, comment: note, networks, createdAt, updatedAt }: TokenRow) => ({
  id,
  email: readableName(user),
  comment: note,
  AuthorizedIP: networks,
  Created: dayOf(createdAt),
  'Last edit': updatedAt === createdAt ? null : dayOf(updatedAt),
})
