import { z } from 'zod'
import { done, later, list, missing } from './answer.ts'
import { address, text, timeOf } from './fields.ts'
import { type Operation, operation } from './operation.ts'
import { outOfReach } from './reach.ts'

const params = { email: address }

/** Where somebody is signed in with a browser. */
export const sessionOperations: readonly Operation[] = [
  operation({
    area: 'session',
    method: 'get',
    path: '/user/{email}/session',
    summary: 'Lists the browsers in which a user is signed in',
    params,
    answers: z.array(
      z.object({
        id: text('Its name here'),
        created_at: text('Since when'),
        seen_at: text('When it was used last'),
        seen_from: text('From which address'),
        browser: text('What it says it is'),
      }),
    ),
    run: async ({ ports: { admin, sessions }, params: { email } }) => {
      const user = await admin.user(email)
      if (!user) return missing(`user ${email}`)
      const rows = await sessions.list(user.account)
      return list(
        rows.map(({ id, createdAt, seenAt, seenFrom, browser }) => ({
          id,
          created_at: timeOf(createdAt),
          seen_at: timeOf(seenAt),
          seen_from: seenFrom,
          browser,
        })),
      )
    },
  }),
  operation({
    area: 'session',
    method: 'delete',
    path: '/user/{email}/session',
    summary: 'Signs a user out everywhere',
    params,
    run: async ({ ports: { admin, sessions }, actor, scopes, params: { email } }) => {
      const barred = await outOfReach({ admin }, scopes, { user: email })
      if (barred) return barred
      const user = await admin.user(email)
      if (!user) return missing(`user ${email}`)
      const ended = await sessions.endAll(user.account)
      if (ended.kind === 'later') return later(ended)
      await admin.record({ on: 'session', key: `all of ${email}`, did: 'deleted', columns: [] }, actor)
      return done(`User ${email} has been signed out`)
    },
  }),
  operation({
    area: 'session',
    method: 'delete',
    path: '/user/{email}/session/{id}',
    summary: 'Signs a user out in one browser',
    params: { ...params, id: text('As the list tells it') },
    run: async ({ ports: { admin, sessions }, actor, scopes, params: { email, id } }) => {
      const barred = await outOfReach({ admin }, scopes, { user: email })
      if (barred) return barred
      const user = await admin.user(email)
      if (!user) return missing(`user ${email}`)
      const ended = await sessions.end(user.account, id)
      if (ended.kind === 'later') return later(ended)
      if (ended.kind === 'missing') return missing(`such session of ${email}`)
      await admin.record({ on: 'session', key: `one of ${email}`, did: 'deleted', columns: [] }, actor)
      return done(`User ${email} has been signed out there`)
    },
  }),
]
