import type { Address } from '../../../lib/address.ts'
import type { NewUser, UserSettings } from '../../../ports/directory-admin.ts'
import { address, domain, listOf, size, text, yesNo } from '../../settings/kinds.ts'
import { type Answer, done, mistake, refused } from '../answer.ts'
import {
  argument,
  fileText,
  given,
  maybeArgument,
  option,
  password,
  type Verb,
  type VerbPorts,
  verb,
} from '../verb.ts'
import { shown } from './domain.ts'
import { readNewUsers } from './new-users.ts'
import { outcome } from './outcome.ts'
import { sizeText } from '../../directory/size-text.ts'

const whose = argument(address, 'Address of the user')
const columns = {
  quota: option(size, 'Size of the mailbox, such as 2G; 0 is unlimited'),
  enabled: option(yesNo, 'May sign in'),
  'displayed-name': option(text, 'Name in front of the address'),
  'enable-imap': option(yesNo, 'May use IMAP'),
  'enable-pop': option(yesNo, 'May use POP3'),
  'allow-spoofing': option(yesNo, 'May send as any address of the same domain'),
  'forward-to': option(listOf(address), 'Where mail is forwarded to, separated by commas; empty stops it'),
  'forward-keep': option(yesNo, 'Keeps a copy of forwarded mail'),
  comment: option(text, 'For you'),
}

interface Given {
  readonly quota: number | undefined
  readonly enabled: boolean | undefined
  readonly 'displayed-name': string | undefined
  readonly 'enable-imap': boolean | undefined
  readonly 'enable-pop': boolean | undefined
  readonly 'allow-spoofing': boolean | undefined
  readonly 'forward-to': readonly Address[] | undefined
  readonly 'forward-keep': boolean | undefined
  readonly comment: string | undefined
}

function change(values: Given): Partial<UserSettings> {
  const forward = values['forward-to']
  return given({
    quotaBytes: values.quota,
    enabled: values.enabled,
    displayedName: values['displayed-name'],
    enableImap: values['enable-imap'],
    enablePop: values['enable-pop'],
    allowSpoofing: values['allow-spoofing'],
    forwardDestination: forward,
    forwardEnabled: forward && forward.length > 0,
    forwardKeep: values['forward-keep'],
    comment: values.comment,
  })
}

export const userVerbs: Readonly<Record<string, Verb>> = {
  'user list': verb({
    summary: 'Lists the users',
    takes: { domain: option(domain, 'Only of this domain') },
    run: ({ admin }, values) => listUsers({ admin }, values.domain, () => true),
  }),
  'user show': verb({
    summary: 'Shows a user',
    takes: { address: whose },
    run: async ({ admin }, values) => {
      const found = await admin.user(values.address)
      return found ? shown({ ...found }) : outcome({ kind: 'missing' }, values.address, '')
    },
  }),
  'user add': verb({
    summary: 'Adds a user, or with --from the users of a file',
    takes: {
      address: maybeArgument(address, 'Address of the user'),
      password: password(),
      from: fileText('A file with a line address,password[,name] for each user, or a JSON object a line'),
      ...columns,
    },
    run: async ({ admin, settings }, values) => {
      if (values.from !== undefined) return addAll({ admin, settings }, values.from)
      if (values.address === undefined) return mistake('Say an address, or --from FILE.')
      if (values.password === undefined)
        return mistake('Say a password: --password-stdin or --password-file FILE.')
      const user = {
        quotaBytes: settings.DEFAULT_QUOTA,
        ...change(values),
        address: values.address,
        password: values.password,
      }
      return outcome(await admin.addUser(user), values.address, 'added')
    },
  }),
  'user set': verb({
    summary: 'Changes a user',
    takes: { address: whose, ...columns },
    run: async ({ admin }, values) =>
      outcome(await admin.setUser(values.address, change(values)), values.address, 'changed'),
  }),
  'user delete': verb({
    summary: 'Deletes a user with all mail; "user set --enabled false" only closes the account',
    takes: { address: whose },
    run: async ({ admin }, values) =>
      outcome(await admin.deleteUser(values.address), values.address, 'deleted'),
  }),
  password: verb({
    summary: 'Sets the password of a user',
    takes: { address: whose, password: password() },
    run: async ({ admin }, values) => {
      if (values.password === undefined)
        return mistake('Say a password: --password-stdin or --password-file FILE.')
      return outcome(
        await admin.setPassword(values.address, values.password),
        values.address,
        'has a new password',
      )
    },
  }),
}

export async function listUsers(
  { admin }: Pick<VerbPorts, 'admin'>,
  of: Parameters<VerbPorts['admin']['users']>[0],
  wanted: (row: UserSettings) => boolean,
): Promise<Answer> {
  const rows = (await admin.users(of)).filter(wanted)
  return {
    kind: 'table',
    columns: ['USER', 'NAME', 'QUOTA', 'ENABLED', 'ADMIN', 'FORWARDED TO', 'COMMENT'],
    rows: rows.map((row) => [
      row.address,
      row.displayedName,
      sizeText(row.quotaBytes),
      row.enabled,
      row.globalAdmin,
      row.forwardEnabled ? row.forwardDestination.join(',') : '',
      row.comment,
    ]),
    json: rows,
  }
}

async function addAll(
  { admin, settings }: Pick<VerbPorts, 'admin' | 'settings'>,
  file: string,
): Promise<Answer> {
  const read = readNewUsers(file)
  if (read.kind === 'mistakes') return mistake(read.mistakes.join('\n'))
  const users: NewUser[] = read.users.map((user) => ({ quotaBytes: settings.DEFAULT_QUOTA, ...user }))
  const added = await admin.addUsers(users)
  return added.kind === 'refused'
    ? refused(added.text)
    : done(`${users.length} users added.`, { added: users.length })
}
