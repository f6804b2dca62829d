import type { Fetching } from '../../../ports/fetching.ts'
import { fetchColumns } from '../../directory/columns.ts'
import { address, wholeNumber } from '../../settings/kinds.ts'
import { type Answer, done, mistake, refused } from '../answer.ts'
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
      if (!found) return missing(`fetch ${values.id}`)
      // What `error` tells already.
      const { said: _, ...row } = found
      return shownRow(row)
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
  'fetch pause': verb({
    summary: 'Visits a mailbox elsewhere no more until it is resumed',
    takes: { id },
    run: async ({ admin }, values) =>
      outcome(await admin.set('fetch', values.id, { enabled: false }, actor), `fetch ${values.id}`, 'paused'),
  }),
  'fetch resume': verb({
    summary: 'Visits a mailbox elsewhere again',
    takes: { id },
    run: async ({ admin }, values) =>
      outcome(await admin.set('fetch', values.id, { enabled: true }, actor), `fetch ${values.id}`, 'resumed'),
  }),
  'fetch run': verb({
    summary: 'Looks into a mailbox elsewhere now, and says how it went',
    takes: { id },
    run: async ({ fetching }, values) => (fetching ? ran(await fetching.run(values.id), values.id) : off),
  }),
  'fetch check': verb({
    summary: 'Signs in there and counts what is there; takes nothing',
    takes: { id },
    run: async ({ fetching }, values) => {
      if (!fetching) return off
      const checked = await fetching.check(values.id)
      if (checked.kind === 'missing') return gone(values.id)
      if (checked.kind === 'failed') return refused(checked.text)
      const { messages, folders } = checked
      const there = folders.length > 0 ? `\nFolders there: ${folders.join(', ')}` : ''
      return done(`It works. Messages there: ${messages}${there}`, { messages, folders })
    },
  }),
  'fetch delete': verb({
    summary: 'Collects mail from there no more',
    takes: { id },
    run: async ({ admin }, values) =>
      outcome(await admin.delete('fetch', values.id, actor), `fetch ${values.id}`, 'deleted'),
  }),
}

const off = refused('Nothing is fetched: the server is not running, or FETCHMAIL_ENABLED is false.')

const gone = (number: number) => missing(`fetch ${number} of a user who is switched on`)

function ran(outcome: Awaited<ReturnType<Fetching['run']>>, number: number): Answer {
  switch (outcome.kind) {
    case 'missing':
      return gone(number)
    case 'busy':
      return refused('It is being looked into at the moment.')
    case 'failed':
      return refused(`${outcome.text} Messages taken before: ${outcome.taken}.`)
    case 'collected': {
      const { taken, left } = outcome
      return done(`Messages taken: ${taken}${left > 0 ? `, left there: ${left}` : ''}`, { taken, left })
    }
  }
}
