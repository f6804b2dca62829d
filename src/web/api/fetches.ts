import { setTimeout as after } from 'node:timers/promises'
import { z } from 'zod'
import type { Address } from '../../lib/address.ts'
import type { FetchRow, FetchSettings } from '../../ports/directory-rows.ts'
import { usualPort } from '../account/fetches/form.ts'
import { type Answer, json, list, missing, outcome } from './answer.ts'
import { address, comment, flag, number, orNull, said, text, timeOf } from './fields.ts'
import { type ApiPorts, type Operation, operation } from './operation.ts'
import { outOfReach } from './reach.ts'

const mostFolders = 100
/** A visit may take long; a program does not wait for it. */
const patienceMs = 10_000

/** Named as in Mailu's export. */
const settings = z.object({
  protocol: z.enum(['imap', 'pop3']),
  host: text('The server that has the mail'),
  port: z.int().meta({ description: 'Its port' }),
  tls: flag('TLS from the first byte'),
  username: text('Login there'),
  keep: flag('Leaves the messages where they are'),
  scan: flag('Takes them through the spam filter'),
  invisible: flag('Leaves no trace in the header'),
  folders: z
    .array(z.string().trim().min(1))
    .max(mostFolders)
    .meta({ description: 'Folders to collect; without any INBOX' }),
  enabled: flag('Is visited; otherwise only when somebody asks'),
  comment,
})
const password = z
  .string()
  .min(1)
  .meta({ description: 'Password there; it is never told again', writeOnly: true })
const fetchGet = settings.extend({
  id: z.int().meta({ description: 'Its number' }),
  last_check: text('When it was visited last').nullable(),
  error: text('What was wrong then').nullable(),
})
const visit = z.object({
  running: flag('It goes on while you do other things'),
  taken: z.int().meta({ description: 'Messages that were taken' }),
  left: z.int().meta({ description: 'Messages that stay there' }),
  error: text('What went wrong').nullable(),
})

const params = { email: address }
const one = { ...params, fetch_id: number('fetch') }
const required = { protocol: true, host: true, username: true } as const

/** Mail that is collected from mailboxes elsewhere. Mailu's API has none of it. */
export const fetchOperations: readonly Operation[] = [
  operation({
    area: 'fetch',
    method: 'get',
    path: '/user/{email}/fetch',
    summary: 'Lists the mailboxes elsewhere that mail is collected from for a user',
    params,
    answers: z.array(fetchGet),
    run: async ({ ports: { admin }, params: { email } }) => {
      if (!(await admin.user(email))) return missing(`user ${email}`)
      return list((await admin.fetches(email)).map(shown))
    },
  }),
  operation({
    area: 'fetch',
    method: 'post',
    path: '/user/{email}/fetch',
    summary: 'Collects mail from a mailbox elsewhere',
    params,
    body: settings.partial().required(required).extend({ password }),
    answers: fetchGet,
    run: async ({ ports, actor, scopes, params: { email }, body }) => {
      const barred = await outOfReach(ports, scopes, { user: email })
      if (barred) return barred
      const { protocol, host, username, tls = false, port = usualPort({ protocol, tls }), ...rest } = body
      const row = { user: email, protocol, host, username, tls, port, ...said(rest), password: body.password }
      const added = await ports.admin.add('fetch', row, actor)
      if (added.kind !== 'added') return outcome(added, `fetch of ${email}`, '')
      return answered(await found(ports, email, added.id ?? 0), added.id ?? 0)
    },
  }),
  operation({
    area: 'fetch',
    method: 'get',
    path: '/user/{email}/fetch/{fetch_id}',
    summary: 'Shows a mailbox elsewhere, but not its password',
    params: one,
    answers: fetchGet,
    run: async ({ ports, params: { email, fetch_id: id } }) => answered(await found(ports, email, id), id),
  }),
  operation({
    area: 'fetch',
    method: 'patch',
    path: '/user/{email}/fetch/{fetch_id}',
    summary: 'Changes how mail is collected; another host needs the password, too',
    params: one,
    body: settings.extend({ password }).partial(),
    run: async ({ ports, actor, scopes, params: { email, fetch_id: id }, body }) => {
      const barred = await outOfReach(ports, scopes, { user: email })
      if (barred) return barred
      const row = await found(ports, email, id)
      if (!row) return none(id)
      // A key that may write fetches is not one that reads their passwords: it would have them sent to a server of its own.
      if (body.host !== undefined && body.host !== row.host && body.password === undefined)
        return { kind: 'refused', status: 400, text: 'For another host, say its password, too.' }
      const to: Partial<FetchSettings & { readonly password: string }> = said(body)
      return outcome(await ports.admin.set('fetch', id, to, actor), `Fetch ${id}`, 'updated')
    },
  }),
  operation({
    area: 'fetch',
    method: 'delete',
    path: '/user/{email}/fetch/{fetch_id}',
    summary: 'Collects mail from there no more',
    params: one,
    run: async ({ ports, actor, scopes, params: { email, fetch_id: id } }) => {
      const barred = await outOfReach(ports, scopes, { user: email })
      if (barred) return barred
      if (!(await found(ports, email, id))) return none(id)
      return outcome(await ports.admin.delete('fetch', id, actor), `Fetch ${id}`, 'deleted')
    },
  }),
  operation({
    area: 'fetch',
    method: 'post',
    path: '/user/{email}/fetch/{fetch_id}/run',
    summary: 'Looks into a mailbox elsewhere now, and waits a few seconds for how it goes',
    params: one,
    answers: visit,
    run: async ({ ports, scopes, params: { email, fetch_id: id } }) => {
      const barred = await outOfReach(ports, scopes, { user: email })
      if (barred) return barred
      return (await found(ports, email, id)) ? ran(ports, id) : none(id)
    },
  }),
]

const none = (id: number) => missing(`fetch ${id}`)

/** Of this user alone. */
const found = async ({ admin }: ApiPorts, user: Address, id: number): Promise<FetchRow | undefined> =>
  (await admin.fetches(user)).find((row) => row.id === id)

const answered = (row: FetchRow | undefined, id: number): Answer => (row ? json(shown(row)) : none(id))

async function ran({ fetching }: ApiPorts, id: number): Promise<Answer> {
  if (!fetching)
    return { kind: 'refused', status: 409, text: 'Nothing is fetched: FETCHMAIL_ENABLED is false.' }
  const stop = new AbortController()
  const over = await Promise.race([
    fetching.run(id),
    after(patienceMs, { kind: 'busy' } as const, { signal: stop.signal }),
  ]).finally(() => stop.abort())
  switch (over.kind) {
    case 'busy':
      return json({ running: true, taken: 0, left: 0, error: null })
    case 'missing':
      return { kind: 'refused', status: 409, text: 'Nothing is fetched for a user who is switched off.' }
    case 'collected':
      return json({ running: false, taken: over.taken, left: over.left, error: null })
    case 'failed':
      return json({ running: false, taken: over.taken, left: over.left, error: over.text })
  }
}

const shown = (row: FetchRow) => ({
  id: row.id,
  protocol: row.protocol,
  host: row.host,
  port: row.port,
  tls: row.tls,
  username: row.username,
  keep: row.keep,
  scan: row.scan,
  invisible: row.invisible,
  folders: row.folders,
  enabled: row.enabled,
  comment: row.comment,
  last_check: row.lastCheck === undefined ? null : timeOf(row.lastCheck),
  error: orNull(row.error),
})
