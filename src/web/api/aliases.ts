import { z } from 'zod'
import { readableName } from '../../lib/readable-name.ts'
import type { AliasRow } from '../../ports/directory-rows.ts'
import { json, list, missing, outcome, withoutNulls } from './answer.ts'
import { findDomain } from './domains.ts'
import { address, aliasAddress, comment, dayOf, domainName, flag, orNull, said, text } from './fields.ts'
import { type Operation, operation } from './operation.ts'

const params = { alias: aliasAddress }
const destination = z
  .array(address)
  .meta({ description: 'Where it leads: addresses here or anywhere, other aliases too' })
const wildcard = flag('The local part is a pattern: % stands for anything, _ for one character')
export const aliasSettings = z.object({ comment, destination, wildcard })
export const aliasGet = z.object({
  email: text('The address of the alias'),
  comment,
  destination: z.array(text('Where it leads')),
  wildcard,
  hostname: text('The web site that an anonymous alias was made for').nullable(),
  owner_email: text('Whose anonymous alias it is').nullable(),
  disabled: flag('Refuses mail'),
  created_at: text('The day it was made'),
})

export const aliasOperations: readonly Operation[] = [
  operation({
    area: 'alias',
    method: 'get',
    path: '/alias',
    summary: 'Lists all aliases',
    answers: z.array(aliasGet),
    run: async ({ ports: { admin } }) =>
      list((await admin.aliases()).map((row) => withoutNulls(shownAlias(row)))),
  }),
  operation({
    area: 'alias',
    method: 'get',
    path: '/alias/destination/{domain}',
    summary: 'Lists the aliases in a domain',
    params: { domain: domainName },
    answers: z.array(aliasGet),
    run: async ({ ports: { admin }, params: { domain } }) => {
      if (!(await findDomain(admin, domain))) return missing(`domain ${domain}`)
      return list((await admin.aliases(domain)).map(shownAlias))
    },
  }),
  operation({
    area: 'alias',
    method: 'get',
    path: '/alias/domains/available',
    summary: 'Lists the names of all domains',
    answers: z.array(text('A domain')),
    run: async ({ ports: { admin } }) => list((await admin.domains()).map(({ name }) => readableName(name))),
  }),
  operation({
    area: 'alias',
    method: 'post',
    path: '/alias',
    summary: 'Adds an alias',
    body: z.object({
      email: aliasAddress,
      destination,
      comment: comment.optional(),
      wildcard: wildcard.optional(),
    }),
    run: async ({ ports: { admin }, actor, body }) => {
      const more = said({ comment: body.comment, wildcard: body.wildcard })
      const row = { address: body.email, destination: body.destination, ...more }
      return outcome(await admin.add('alias', row, actor), `Alias ${body.email}`, 'created')
    },
  }),
  operation({
    area: 'alias',
    method: 'get',
    path: '/alias/{alias}',
    summary: 'Shows an alias',
    params,
    answers: aliasGet,
    run: async ({ ports: { admin }, params: { alias } }) => {
      const found = (await admin.aliases()).find((row) => row.address === alias)
      return found ? json(shownAlias(found)) : missing(`alias ${alias}`)
    },
  }),
  operation({
    area: 'alias',
    method: 'patch',
    path: '/alias/{alias}',
    summary: 'Changes an alias',
    params,
    body: aliasSettings.partial(),
    run: async ({ ports: { admin }, actor, params: { alias }, body }) =>
      outcome(await admin.set('alias', alias, said(body), actor), `Alias ${alias}`, 'updated'),
  }),
  operation({
    area: 'alias',
    method: 'delete',
    path: '/alias/{alias}',
    summary: 'Deletes an alias',
    params,
    run: async ({ ports: { admin }, actor, params: { alias } }) =>
      outcome(await admin.delete('alias', alias, actor), `Alias ${alias}`, 'deleted'),
  }),
]

export const shownAlias = (row: AliasRow) => ({
  email: readableName(row.address),
  comment: row.comment,
  destination: row.destination.map(readableName),
  wildcard: row.wildcard,
  hostname: orNull(row.hostname),
  owner_email: orNull(readableName(row.owner)),
  disabled: row.disabled,
  created_at: dayOf(row.createdAt),
})
