import { domainOf } from '../../../lib/address.ts'
import type { UserRow, UserSettings } from '../../../ports/directory-rows.ts'
import type { Change } from '../../../ports/directory-writer.ts'
import { userColumns } from '../../directory/columns.ts'
import { address, domain, secret, yesNo } from '../../settings/kinds.ts'
import { type Answer, done, mistake, refused } from '../answer.ts'
import {
  argument,
  fileText,
  maybeArgument,
  option,
  password,
  type Verb,
  type VerbPorts,
  verb,
} from '../verb.ts'
import { addInDomain } from './in-domain.ts'
import { warned } from './last-admin.ts'
import { readNewUsers } from './new-users.ts'
import { actor, changed, missing, notApplied, outcome } from './outcome.ts'
import { columnOptions, columnsSaid, listed, shownRow } from './rows.ts'
import { userBefore } from './user-before.ts'

const whose = argument(address, 'Address of the user')

export const noPassword = () => mistake('Say a password: --password-stdin or --password-file FILE.')

/** Who says where mail is forwarded to, means it; unless he says otherwise. */
function settingsSaid(values: Readonly<Record<string, unknown>>): Partial<UserSettings> {
  const said = columnsSaid(userColumns, values)
  const { forwardDestination } = said
  return forwardDestination ? { forwardEnabled: forwardDestination.length > 0, ...said } : said
}

export const userVerbs: Readonly<Record<string, Verb>> = {
  'user list': verb({
    summary: 'Lists the users',
    takes: { domain: option(domain, 'Only of this domain') },
    run: async ({ admin }, values) => listUsers(await admin.users(values.domain)),
  }),
  'user show': verb({
    summary: 'Shows a user',
    takes: { address: whose },
    run: async ({ admin }, values) => {
      const found = await admin.user(values.address)
      return found ? shownRow(found) : missing(values.address)
    },
  }),
  'user add': verb({
    summary: 'Adds a user, or with --from the users of a file',
    takes: {
      address: maybeArgument(address, 'Address of the user'),
      password: password(),
      'password-hash': option(secret, 'The hash of the password in its place, such as $2b$12$…'),
      from: fileText('A file with a line address,password[,name] for each user, or a JSON object a line'),
      'create-domain': option(yesNo, 'Adds the domain where it is missing'),
      ...columnOptions(userColumns),
    },
    run: async ({ admin }, values) => {
      if (values.from !== undefined) return addAll(admin, values.from)
      if (values.address === undefined) return mistake('Say an address, or --from FILE.')
      const hash = values['password-hash']
      if (values.password === undefined && hash === undefined) return noPassword()
      const secrets = hash === undefined ? { password: values.password ?? '' } : { passwordHash: hash }
      const row = { address: values.address, ...settingsSaid(values), ...secrets }
      const make = values['create-domain'] ? domainOf(values.address) : undefined
      return outcome(await addInDomain(admin, { on: 'user', do: 'add', row }, make), values.address, 'added')
    },
  }),
  'user set': verb({
    summary: 'Changes a user',
    takes: { address: whose, ...columnOptions(userColumns) },
    run: async ({ admin }, values) => {
      const { address: who } = values
      const before = await userBefore(admin, who)
      const answer = await changed(admin, { on: 'user', key: who, to: settingsSaid(values), what: who })
      return warned(admin, before, answer)
    },
  }),
  password: verb({
    summary: 'Sets the password of a user',
    takes: {
      address: whose,
      password: password(),
      'must-change-password': option(yesNo, 'Another has to be chosen at the next sign-in'),
    },
    run: async ({ admin }, values) => {
      if (values.password === undefined) return noPassword()
      const to = { password: values.password, mustChangePassword: values['must-change-password'] ?? false }
      return outcome(await admin.set('user', values.address, to, actor), values.address, 'has a new password')
    },
  }),
}

export function listUsers(rows: readonly UserRow[]): Answer {
  return listed(rows, { USER: (row) => row.address }, userColumns)
}

async function addAll(admin: VerbPorts['admin'], file: string): Promise<Answer> {
  const read = readNewUsers(file)
  if (read.kind === 'mistakes') return mistake(read.mistakes.join('\n'))
  const changes = read.users.map((row): Change => ({ on: 'user', do: 'add', row }))
  const added = await admin.apply(changes, { actor })
  switch (added.kind) {
    case 'applied':
      return done(`${changes.length} users added.`, { added: changes.length })
    case 'not-applied':
      return notApplied(added)
    case 'later':
      return refused(added.text)
  }
}
