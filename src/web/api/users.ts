import { z } from 'zod'
import type { Address } from '../../lib/address.ts'
import { readableName } from '../../lib/readable-name.ts'
import type { UserRow, UserSettings } from '../../ports/directory-rows.ts'
import { json, list, missing, outcome, withoutNulls } from './answer.ts'
import { findDomain } from './domains.ts'
import { address, bytes, comment, domainName, flag, orNull, said, text } from './fields.ts'
import { type ApiPorts, type Asked, hasAll, type Operation, operation } from './operation.ts'
import { outOfReach } from './reach.ts'

const params = { email: address }
const password = text('The password itself; only its hash is kept')
const settings = z.object({
  comment,
  quota_bytes: bytes('Size of the mailbox; 0 is unlimited'),
  global_admin: flag('May administer everything'),
  enabled: flag('May sign in'),
  change_pw_next_login: flag('Has to choose a password at the next sign-in'),
  enable_imap: flag('May use IMAP'),
  enable_pop: flag('May use POP3'),
  allow_spoofing: flag('May send as any address of the same domain'),
  forward_enabled: flag('Mail is forwarded'),
  forward_destination: z.array(address).meta({ description: 'Where mail is forwarded to' }),
  forward_keep: flag('Keeps a copy of forwarded mail'),
  reply_enabled: flag('Answers automatically'),
  reply_subject: text('Subject of the answer; without it "Auto:" and the subject answered'),
  reply_body: text('Text of the answer'),
  reply_startdate: text('First day of answering, YYYY-MM-DD').meta({ example: '2027-01-31' }),
  reply_enddate: text('Last day of answering, YYYY-MM-DD').meta({ example: '2027-02-28' }),
  displayed_name: text('Name in front of the address'),
  spam_enabled: flag('Spam goes to Junk'),
  spam_mark_as_read: flag('Spam is marked as read'),
  spam_threshold: z
    .int()
    .meta({ description: 'From which share of the refusing score mail is spam, in percent' }),
  old_server: text('The server that still has the mail; here: this one, whatever the domain says'),
})
const userGet = settings.extend({
  email: text('The address'),
  password: text('Hash of the password').nullable(),
  quota_bytes_used: bytes('Size of the mail that is there'),
  forward_destination: z.array(text('Where mail is forwarded to')),
  reply_subject: text('Subject of the answer').nullable(),
  reply_body: text('Text of the answer').nullable(),
  old_server: settings.shape.old_server.optional(),
})

export const userOperations: readonly Operation[] = [
  operation({
    area: 'user',
    method: 'get',
    path: '/user',
    summary: 'Lists all users',
    answers: z.array(userGet),
    run: async ({ ports, scopes }) => {
      const rows = shownAll(ports, await ports.admin.users(), scopes)
      return list(each(rows, withoutNulls))
    },
  }),
  operation({
    area: 'user',
    method: 'get',
    path: '/domain/{domain}/users',
    summary: 'Lists the users of a domain',
    params: { domain: domainName },
    answers: z.array(userGet),
    run: async ({ ports, scopes, params: { domain } }) => {
      if (!(await findDomain(ports.admin, domain))) return missing(`domain ${domain}`)
      return list(shownAll(ports, await ports.admin.users(domain), scopes))
    },
  }),
  operation({
    area: 'user',
    method: 'post',
    path: '/user',
    summary: 'Adds a user',
    body: z.object({ email: address, raw_password: password, ...settings.partial().shape }),
    run: async ({ ports, actor, scopes, body }) => {
      const barred = await outOfReach(ports, scopes, {
        makesAdmin: body.global_admin,
        oldServer: body.old_server,
      })
      if (barred) return barred
      const row = { address: body.email, password: body.raw_password, ...settingsOf(body) }
      return outcome(await ports.admin.add('user', row, actor), `User ${body.email}`, 'created')
    },
  }),
  operation({
    area: 'user',
    method: 'get',
    path: '/user/{email}',
    summary: 'Shows a user',
    params,
    answers: userGet,
    run: async ({ ports, scopes, params: { email } }) => {
      const user = await ports.admin.user(email)
      if (!user) return missing(`user ${email}`)
      return json(await shown(ports, user, await hashesFor(ports, scopes)))
    },
  }),
  operation({
    area: 'user',
    method: 'patch',
    path: '/user/{email}',
    summary: 'Changes a user',
    params,
    body: settings.partial().extend({ raw_password: password.optional() }),
    run: async ({ ports, actor, scopes, params: { email }, body }) => {
      const barred = await outOfReach(ports, scopes, {
        user: email,
        makesAdmin: body.global_admin,
        oldServer: body.old_server,
      })
      if (barred) return barred
      const to = { ...settingsOf(body), ...said({ password: body.raw_password }) }
      return outcome(await ports.admin.set('user', email, to, actor), `User ${email}`, 'updated')
    },
  }),
  operation({
    area: 'user',
    method: 'delete',
    path: '/user/{email}',
    summary: 'Deletes a user with all mail',
    params,
    run: async ({ ports, actor, scopes, params: { email } }) =>
      (await outOfReach(ports, scopes, { user: email })) ??
      outcome(await ports.admin.delete('user', email, actor), `User ${email}`, 'deleted'),
  }),
]

type Said = Partial<z.output<typeof settings>>

const settingsOf = (body: { [Name in keyof Said]: Said[Name] | undefined }): Partial<UserSettings> =>
  said({
    comment: body.comment,
    quotaBytes: body.quota_bytes,
    globalAdmin: body.global_admin,
    enabled: body.enabled,
    mustChangePassword: body.change_pw_next_login,
    enableImap: body.enable_imap,
    enablePop: body.enable_pop,
    allowSpoofing: body.allow_spoofing,
    forwardEnabled: body.forward_enabled,
    forwardDestination: body.forward_destination,
    forwardKeep: body.forward_keep,
    replyEnabled: body.reply_enabled,
    replySubject: body.reply_subject,
    replyBody: body.reply_body,
    replyStart: body.reply_startdate,
    replyEnd: body.reply_enddate,
    displayedName: body.displayed_name,
    spamEnabled: body.spam_enabled,
    spamMarkAsRead: body.spam_mark_as_read,
    spamThreshold: body.spam_threshold,
    oldServer: body.old_server,
  })

/** Who may not set every password need not see any. */
async function hashesFor(
  { secrets }: ApiPorts,
  scopes: Asked['scopes'],
): Promise<ReadonlyMap<Address, string>> {
  return hasAll(scopes) ? secrets.passwords() : new Map()
}

async function* each(rows: AsyncIterable<object>, change: (row: object) => object) {
  for await (const row of rows) yield change(row)
}

async function* shownAll(ports: ApiPorts, users: readonly UserRow[], scopes: Asked['scopes']) {
  const passwords = await hashesFor(ports, scopes)
  for (const user of users) yield await shown(ports, user, passwords)
}

async function shown({ mail }: ApiPorts, user: UserRow, passwords: ReadonlyMap<Address, string>) {
  return {
    email: readableName(user.address),
    password: passwords.get(user.address) ?? null,
    comment: user.comment,
    quota_bytes: user.quotaBytes,
    quota_bytes_used: (await mail.usage(user.account)).usedBytes,
    global_admin: user.globalAdmin,
    enabled: user.enabled,
    change_pw_next_login: user.mustChangePassword,
    enable_imap: user.enableImap,
    enable_pop: user.enablePop,
    allow_spoofing: user.allowSpoofing,
    forward_enabled: user.forwardEnabled,
    forward_destination: user.forwardDestination.map(readableName),
    forward_keep: user.forwardKeep,
    reply_enabled: user.replyEnabled,
    reply_subject: orNull(user.replySubject),
    reply_body: orNull(user.replyBody),
    reply_startdate: user.replyStart,
    reply_enddate: user.replyEnd,
    displayed_name: user.displayedName,
    spam_enabled: user.spamEnabled,
    spam_mark_as_read: user.spamMarkAsRead,
    spam_threshold: user.spamThreshold,
    // Not Mailu's: whoever has none sees what Mailu shows.
    ...(user.oldServer !== '' && { old_server: user.oldServer }),
  }
}
