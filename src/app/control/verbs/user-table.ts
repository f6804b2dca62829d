import { readUserTable, type TableRow, tableHead, tableLine } from '../../../lib/user-table.ts'
import type { Applied, Change } from '../../../ports/directory-writer.ts'
import { domain } from '../../settings/kinds.ts'
import { type Answer, done, mistake, refused } from '../answer.ts'
import { flag, option, textFile, type Verb, type VerbPorts, verb } from '../verb.ts'
import { actor } from './outcome.ts'

const mostRows = 100_000

/** Many users from a table, and all of them into one. */
export const userTableVerbs: Readonly<Record<string, Verb>> = {
  'user import': verb({
    summary:
      'Adds and changes the users of a CSV file, all of them or none; docs/administration.md has its columns',
    takes: {
      file: textFile('The table, or - for standard input'),
      'dry-run': flag('Only says what it would do'),
    },
    run: async ({ admin }, { file, 'dry-run': dryRun }) => {
      const read = readUserTable(file, { mayAll: true, mostRows })
      if (read.kind === 'unreadable') return mistake(`line ${read.line}: ${read.text}`)
      if (read.mistakes.length > 0)
        return mistake(
          read.mistakes.map(({ line, address, text }) => `line ${line}: ${address} ${text}`).join('\n'),
        )
      const changes = await Promise.all(read.rows.map((row) => changeFor(admin, row)))
      const applied = await admin.apply(changes, { actor, dryRun: dryRun === true })
      switch (applied.kind) {
        case 'applied':
          return told(applied, dryRun === true)
        case 'not-applied':
          return refused(
            applied.refusals
              .map(({ at, key, outcome }) => {
                const why = outcome.kind === 'refused' ? outcome.text : 'is gone meanwhile'
                return `line ${read.rows[at]?.line ?? 0}: ${key}: ${why}`
              })
              .join('\n'),
          )
        case 'later':
          return refused(applied.text)
      }
    },
  }),
  'user export': verb({
    summary: 'Prints the users as a CSV file that "user import" takes, without passwords',
    takes: { domain: option(domain, 'Only of this domain') },
    run: async ({ admin }, values) => {
      const users = await admin.users(values.domain)
      return done((tableHead(true) + users.map((user) => tableLine(user, true)).join('')).trimEnd(), users)
    },
  }),
}

async function changeFor(
  admin: VerbPorts['admin'],
  { address, settings, secret }: TableRow,
): Promise<Change> {
  return (await admin.user(address))
    ? { on: 'user', do: 'set', key: address, to: { ...settings, ...secret } }
    : { on: 'user', do: 'add', row: { address, ...settings, ...secret } }
}

function told({ steps }: Applied, isTrial: boolean): Answer {
  const of = (did: string) => steps.filter((step) => step.did === did).length
  const counts = { added: of('created'), changed: of('modified'), unchanged: of('unchanged') }
  const said = `${counts.added} added, ${counts.changed} changed, ${counts.unchanged} as before.`
  const lines = isTrial ? steps.map(({ key, did }) => `${key}: ${did}`) : []
  const end = isTrial ? `It would be: ${said} Nothing was done.` : said
  return done([...lines, end].join('\n'), { ...counts, dryRun: isTrial })
}
