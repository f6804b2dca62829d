import { fetchColumns } from '../../directory/columns.ts'
import { address, wholeNumber } from '../../settings/kinds.ts'
import { mistake } from '../answer.ts'
import { argument, option, optionalPassword, password, type Verb, verb } from '../verb.ts'
import { actor, changed, missing, outcome } from './outcome.ts'
import { columnOptions, columnsSaid, listed, shownRow } from './rows.ts'
import { noPassword } from './user.ts'

const id = argument(wholeNumber(1, Number.MAX_SAFE_INTEGER), 'Its number, as the list has it')
const ports = { imap: { plain: 143, tls: 993 }, pop3: { plain: 110, tls: 995 } } as const

/** Mail that is collected from other servers. */
export const fetchVerbs: Readonly<Record<string, Verb>> = {
  'fetch list': verb({
    summary: 'Lists the mailboxes elsewhere that mail is collected from',
    takes: { user: option(address, 'Only of this user') },
    run: async ({ admin }, values) =>
      listed(
        await admin.fetches(values.user),
        { ID: (row) => row.id, USER: (row) => row.user, ERROR: (row) => row.error },
        fetchColumns,
      ),
  }),
  'fetch show': verb({
    summary: 'Shows a mailbox elsewhere, but not its password',
    takes: { id },
    run: async ({ admin }, values) => {
      const found = (await admin.fetches()).find((row) => row.id === values.id)
      return found ? shownRow(found) : missing(`fetch ${values.id}`)
    },
  }),
  'fetch add': verb({
    summary: 'Collects mail from a mailbox elsewhere',
    takes: {
      user: argument(address, 'Who gets the mail'),
      password: password(),
      ...columnOptions(fetchColumns),
    },
    run: async ({ admin }, values) => {
      const { protocol = 'imap', host, username, ...said } = columnsSaid(fetchColumns, values)
      if (host === undefined || username === undefined) return mistake('Say --host and --username.')
      if (values.password === undefined) return noPassword()
      const port = ports[protocol][said.tls === true ? 'tls' : 'plain']
      const row = { user: values.user, protocol, host, username, port, ...said, password: values.password }
      return outcome(await admin.add('fetch', row, actor), `${username} at ${host}`, 'added')
    },
  }),
  'fetch set': verb({
    summary: 'Changes how mail is collected',
    takes: { id, password: optionalPassword(), ...columnOptions(fetchColumns) },
    run: async ({ admin }, values) => {
      const secret = values.password === undefined ? {} : { password: values.password }
      const to = { ...columnsSaid(fetchColumns, values), ...secret }
      return changed(admin, { on: 'fetch', key: values.id, to, what: `fetch ${values.id}` })
    },
  }),
  'fetch delete': verb({
    summary: 'Collects mail from there no more',
    takes: { id },
    run: async ({ admin }, values) =>
      outcome(await admin.delete('fetch', values.id, actor), `fetch ${values.id}`, 'deleted'),
  }),
}
