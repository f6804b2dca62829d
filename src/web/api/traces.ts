import { z } from 'zod'
import { list, missing } from './answer.ts'
import { address, number, text, timeOf } from './fields.ts'
import { type Operation, operation } from './operation.ts'

const page = 100

export const traceOperations: readonly Operation[] = [
  operation({
    area: 'trace',
    method: 'get',
    path: '/user/{email}/trace',
    summary: 'Lists what became of the messages that a user sent or was to get, the newest first',
    params: { email: address },
    query: {
      containing: text('Part of an address, a name or the subject').optional(),
      before: number('last one seen').optional(),
    },
    answers: z.array(
      z.object({
        number: z.int(),
        arrival: text('Its id in the log'),
        at: text('When it came'),
        settled_at: text('When it came to that'),
        way: z.enum(['in', 'out']),
        own: text('The address of the user that was used'),
        other: text('Who sent it, or was to get it'),
        author: text('From, as people read it'),
        subject: text('What it is about'),
        outcome: text('What became of it'),
        detail: text('What a server said'),
      }),
    ),
    run: async ({ ports: { admin, traces }, params: { email }, query: { containing, before } }) => {
      const user = await admin.user(email)
      if (!user) return missing(`user ${email}`)
      const question = { atMost: page, ...(containing && { containing }), ...(before && { before }) }
      const rows = await traces.list(user.account, question)
      return list(
        rows.map(({ at, settledAt, ...row }) => ({ ...row, at: timeOf(at), settled_at: timeOf(settledAt) })),
      )
    },
  }),
]
