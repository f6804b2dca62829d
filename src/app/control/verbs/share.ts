import { type Address, parseAddress } from '../../../lib/address.ts'
import type { Grant } from '../../../ports/mail-shares.ts'
import { address, type Kind, text } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, option, type Verb, type VerbPorts, verb } from '../verb.ts'
import { missing } from './outcome.ts'

/** RFC 4314 §2.1, in its order. */
const letters = 'lrswipkxtea'
/** What most people mean. */
const words: Readonly<Record<string, string>> = { read: 'lr', write: 'lrswite', all: letters }

const rights: Kind<string> = {
  expected: 'read, write, all, or letters of lrswipkxtea',
  read: (value) => {
    const asked = words[value] ?? value
    return /^[lrswipkxtea]+$/.test(asked) ? { value: asked } : undefined
  },
}
const someone: Kind<Address | 'anyone'> = {
  expected: 'an address, such as ann@example.org, or anyone',
  read: (value) => {
    const found = value === 'anyone' ? value : parseAddress(value)
    return found && { value: found }
  },
}

const whose = argument(address, 'Address of the user whose folder it is')
const folder = argument(text, 'Name of the folder, such as Projects or Lists/News')
const who = argument(someone, 'With whom: an address, or anyone for all users of this server')

/** Folders that people share with each other. */
export const shareVerbs: Readonly<Record<string, Verb>> = {
  'share list': verb({
    summary: 'Lists the folders that are shared, with whom, and what these may do',
    takes: { user: option(address, 'Only those of this user') },
    run: (ports, { user }) => list(ports, user),
  }),
  'share set': verb({
    summary: 'Shares a folder with somebody; what they might do before is replaced',
    takes: {
      user: whose,
      folder,
      with: who,
      rights: argument(rights, 'read, write (read, mark, put in, take out), all, or letters of RFC 4314'),
    },
    run: (ports, { user, folder: name, with: whom, rights: given }) => give(ports, user, name, whom, given),
  }),
  'share delete': verb({
    summary: 'Ends the sharing of a folder with somebody',
    takes: { user: whose, folder, with: who },
    run: (ports, { user, folder: name, with: whom }) => give(ports, user, name, whom, ''),
  }),
}

async function give(
  { admin, mail, shares }: VerbPorts,
  ...[user, name, whom, given]: [Address, string, Address | 'anyone', string]
): Promise<Answer> {
  const owner = await admin.user(user)
  if (!owner) return missing(user)
  const other = whom === 'anyone' ? undefined : await admin.user(whom)
  if (whom !== 'anyone' && !other) return missing(whom)
  if (other?.account === owner.account) return refused(`${user} may do everything with their own folders.`)
  const mailbox = await mail.mailbox(owner.account, name)
  if (!mailbox) return refused(`${user} has no folder ${name}.`)
  const to = { grantee: other?.account ?? 'anyone', negative: false } as const
  const granted = await shares.grant(owner.account, mailbox.id, to, { mode: 'replace', rights: given })
  const json = { user, folder: mailbox.name, with: whom, rights: given }
  switch (granted.kind) {
    case 'done':
      return given === ''
        ? done(`${mailbox.name} of ${user} is not shared with ${whom}.`, json)
        : done(`${mailbox.name} of ${user} is shared with ${whom} (${given}).`, json)
    case 'missing':
      return refused(`${user} has no folder ${name}.`)
    case 'too-many':
      return refused(`${mailbox.name} of ${user} is shared with too many; end some first.`)
    case 'later':
      return refused(granted.text)
  }
}

type Row = { user: string; folder: string; with: string; rights: string; taken: boolean }

async function list(ports: VerbPorts, user: Address | undefined): Promise<Answer> {
  const users = await ports.admin.users()
  const addresses = new Map<Grant['grantee'], string>(users.map((each) => [each.account, each.address]))
  const owners = user === undefined ? users : users.filter((each) => each.address === user)
  if (user !== undefined && owners.length === 0) return missing(user)
  const rows: Row[] = []
  for (const owner of owners) {
    for (const mailbox of await ports.mail.mailboxes(owner.account)) {
      for (const grant of await ports.shares.grants(owner.account, mailbox.id))
        rows.push({
          user: owner.address,
          folder: mailbox.name,
          with: addresses.get(grant.grantee) ?? 'anyone',
          rights: grant.rights,
          taken: grant.negative,
        })
    }
  }
  return {
    kind: 'table',
    columns: ['USER', 'FOLDER', 'WITH', 'RIGHTS'],
    rows: rows.map((row) => [row.user, row.folder, row.with, row.taken ? `not ${row.rights}` : row.rights]),
    json: rows,
  }
}
