import { z } from 'zod'
import type { UserRow } from '../../ports/directory-rows.ts'
import { makeOwnAlias, ownAliases } from '../own-aliases/make.ts'
import { aliasGet, aliasSettings, shownAlias } from './aliases.ts'
import { type Answer, list, made, missing, outcome, withoutNulls } from './answer.ts'
import { aliasAddress, flag, said, text } from './fields.ts'
import { type ApiPorts, type Operation, ownOperation } from './operation.ts'

const longestNote = 255
const params = { alias: aliasAddress }

/** What people do with their own anonymous aliases, with an app password of theirs. */
export const ownAliasOperations: readonly Operation[] = [
  ownOperation({
    area: 'alias',
    method: 'get',
    path: '/alias/me',
    summary: 'Lists my anonymous aliases',
    answers: z.array(aliasGet),
    run: async ({ ports, person }) =>
      list((await ownAliases(ports.admin, person)).map((row) => withoutNulls(shownAlias(row)))),
  }),
  ownOperation({
    area: 'alias',
    method: 'patch',
    path: '/alias/me/{alias}',
    summary: 'Changes an anonymous alias of mine',
    params,
    body: aliasSettings
      .extend({ hostname: text('The web site it was made for'), disabled: flag('Refuses mail') })
      .partial(),
    run: async ({ ports, person, params: { alias }, body }) => {
      if (!(await isOwn(ports, person, alias))) return missing(`alias ${alias}`)
      return outcome(
        await ports.admin.set('alias', alias, said(body), person.address),
        `Alias ${alias}`,
        'updated',
      )
    },
  }),
  ownOperation({
    area: 'alias',
    method: 'delete',
    path: '/alias/me/{alias}',
    summary: 'Deletes an anonymous alias of mine',
    params,
    run: async ({ ports, person, params: { alias } }) => {
      if (!(await isOwn(ports, person, alias))) return missing(`alias ${alias}`)
      return outcome(await ports.admin.delete('alias', alias, person.address), `Alias ${alias}`, 'deleted')
    },
  }),
  ownOperation({
    area: 'alias',
    method: 'post',
    path: '/alias/random/new',
    beside: true,
    summary: 'Makes an anonymous alias, as SimpleLogin does: for Bitwarden',
    query: { hostname: text('The web site that is to have it').default('') },
    body: z
      .object({ note: text('For you') })
      .partial()
      .default({}),
    answers: z.object({
      email: text('The alias'),
      enabled: flag('Takes mail'),
      note: text('For you'),
      creation_date: text('When it was made'),
      creation_timestamp: z.int().meta({ description: 'The same, in seconds since 1970' }),
      nb_forward: z.literal(0),
      nb_block: z.literal(0),
      nb_reply: z.literal(0),
    }),
    run: ({ ports, person, query: { hostname }, body }) => make(ports, person, hostname, body.note),
  }),
]

async function make(
  ports: ApiPorts,
  person: UserRow,
  hostname: string,
  said: string | undefined,
): Promise<Answer> {
  const note = said || (hostname === '' ? '' : `Website: ${hostname}`.slice(0, longestNote))
  const alias = await makeOwnAlias(ports.admin, person, { hostname, note, tries: ports.aliasTries })
  if (alias.kind === 'no-domain')
    return { kind: 'refused', status: 403, text: 'You may make anonymous aliases in no domain.' }
  if (alias.kind !== 'made') return outcome(alias, 'alias', '')
  const now = new Date()
  return made({
    email: alias.address,
    enabled: true,
    note,
    creation_date: now.toISOString().slice(0, 19).replace('T', ' '),
    creation_timestamp: Math.floor(now.getTime() / 1000),
    nb_forward: 0,
    nb_block: 0,
    nb_reply: 0,
  })
}

const isOwn = async (ports: ApiPorts, person: UserRow, alias: string): Promise<boolean> =>
  (await ownAliases(ports.admin, person)).some(({ address }) => address === alias)
