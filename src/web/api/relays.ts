import { z } from 'zod'
import { readableName } from '../../lib/readable-name.ts'
import type { RelayRow } from '../../ports/directory-rows.ts'
import { json, list, missing, outcome, withoutNulls } from './answer.ts'
import { comment, domainName, orNull, said, text } from './fields.ts'
import { type Operation, operation } from './operation.ts'

const params = { name: domainName }
const settings = {
  smtp: text('Where its mail goes; without it to its MX hosts')
    .meta({ example: 'mail.example.com:25' })
    .optional(),
  comment: comment.optional(),
}
const relayGet = z.object({
  name: text('The relayed domain'),
  smtp: text('Where its mail goes').nullable(),
  comment,
})

export const relayOperations: readonly Operation[] = [
  operation({
    area: 'relay',
    method: 'get',
    path: '/relay',
    summary: 'Lists the domains whose mail is passed on',
    answers: z.array(relayGet),
    run: async ({ ports: { admin } }) => list((await admin.relays()).map((row) => withoutNulls(shown(row)))),
  }),
  operation({
    area: 'relay',
    method: 'post',
    path: '/relay',
    summary: 'Takes mail for a domain and passes it on',
    body: z.object({ name: domainName, ...settings }),
    run: async ({ ports: { admin }, actor, body }) => {
      const row = { name: body.name, ...settingsOf(body) }
      return outcome(await admin.add('relay', row, actor), `Relayed domain ${body.name}`, 'created')
    },
  }),
  operation({
    area: 'relay',
    method: 'get',
    path: '/relay/{name}',
    summary: 'Shows where the mail of a domain is passed on to',
    params,
    answers: relayGet,
    run: async ({ ports: { admin }, params: { name } }) => {
      const found = (await admin.relays()).find((row) => row.name === name)
      return found ? json(shown(found)) : missing(`relayed domain ${name}`)
    },
  }),
  operation({
    area: 'relay',
    method: 'patch',
    path: '/relay/{name}',
    summary: 'Changes where the mail of a domain is passed on to',
    params,
    body: z.object(settings),
    run: async ({ ports: { admin }, actor, params: { name }, body }) =>
      outcome(await admin.set('relay', name, settingsOf(body), actor), `Relayed domain ${name}`, 'updated'),
  }),
  operation({
    area: 'relay',
    method: 'delete',
    path: '/relay/{name}',
    summary: 'Takes no mail for a domain any more',
    params,
    run: async ({ ports: { admin }, actor, params: { name } }) =>
      outcome(await admin.delete('relay', name, actor), `Relayed domain ${name}`, 'deleted'),
  }),
]

const settingsOf = ({ smtp, comment: note }: { smtp?: string | undefined; comment?: string | undefined }) =>
  said({ target: smtp, comment: note })

const shown = ({ name, target, comment: note }: RelayRow) => ({
  name: readableName(name),
  smtp: orNull(target),
  comment: note,
})
