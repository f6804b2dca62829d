import { type Address, parseAddress } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { MailStore } from '../../../ports/mail-store.ts'
import { filled } from '../../directory/kinds.ts'
import { address, type Kind, text } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, option, textFile, type Verb, type VerbPorts, verb } from '../verb.ts'
import { actor, missing } from './outcome.ts'

const user = argument(address, 'Address of the user')
const folder = option(text, 'Only for this folder; without it for all that name none')
const listName: Kind<string> = {
  expected: 'up to 64 letters, digits, dots, - and _',
  read: (value) => (/^[\w.-]{1,64}$/.test(value) ? { value: value.toLowerCase() } : undefined),
}
const name = argument(listName, 'Name of the list: team is what scripts ask as :addrbook:team')

/** As the mailbox events read it. */
const waiting = '/shared/imapsieve/script'
/** Where mail programs can read and write them, too. */
const listed = '/private/addrbook/'

/** What scripts find in the notes of an account: which of them wait for IMAP, and the lists they may ask. */
export const noteVerbs: Readonly<Record<string, Verb>> = {
  'sieve events list': verb({
    summary: 'Lists which scripts run after what a user does by IMAP, by folder',
    takes: { user },
    run: (ports, { user: of }) => forUser(ports, of, (who) => events(ports.mail, who)),
  }),
  'sieve events set': verb({
    summary: 'Names the script that runs when a user saves, moves or marks messages by IMAP',
    takes: { user, script: argument(filled, 'Name of one of their scripts'), folder },
    run: (ports, { user: of, script, folder: where }) =>
      forUser(ports, of, async (who) => {
        if (!(await ports.scripts.list(who)).some((known) => known.name === script))
          return refused(`There is no script ${script}.`)
        const said = `${script} waits for what ${of} does in ${where ?? 'all folders'}.`
        return note(ports, { of, who, where, key: waiting, value: script, said })
      }),
  }),
  'sieve events delete': verb({
    summary: 'Lets no script wait for what a user does by IMAP',
    takes: { user, folder },
    run: (ports, { user: of, folder: where }) =>
      forUser(ports, of, (who) => {
        const said = `${where ?? 'The account'} names no script.`
        return note(ports, { of, who, where, key: waiting, value: undefined, said })
      }),
  }),
  'sieve people list': verb({
    summary: 'Lists the lists of people that scripts of a user may ask',
    takes: { user },
    run: (ports, { user: of }) => forUser(ports, of, (who) => people(ports.mail, who)),
  }),
  'sieve people set': verb({
    summary: 'Keeps a list of people for the scripts of a user; what was in it is replaced',
    takes: { user, name, people: textFile('File with an address on each line; - is standard input') },
    run: (ports, { user: of, name: as, people: given }) =>
      forUser(ports, of, async (who) => {
        const lines = given.split(/[\r\n,]+/).flatMap((line) => line.trim() || [])
        const wrong = lines.find((line) => !parseAddress(line))
        if (wrong !== undefined)
          return refused(`“${wrong.slice(0, 100)}” is no address. Nothing was changed.`)
        const said = `${as} has ${lines.length} people.`
        return note(ports, { of, who, key: `${listed}${as}`, value: lines.join('\n'), said })
      }),
  }),
  'sieve people delete': verb({
    summary: 'Removes a list of people',
    takes: { user, name },
    run: (ports, { user: of, name: as }) =>
      forUser(ports, of, async (who) => {
        const key = `${listed}${as}`
        if (!(await ports.mail.annotations(who, undefined)).some((one) => one.name === key))
          return refused(`${of} has no list ${as}.`)
        return note(ports, { of, who, key, value: undefined, said: `${as} is removed.` })
      }),
  }),
}

async function forUser(
  { admin }: Pick<VerbPorts, 'admin'>,
  of: Address,
  act: (who: AccountId) => Promise<Answer>,
): Promise<Answer> {
  const row = await admin.user(of)
  return row ? act(row.account) : missing(of)
}

interface Noting {
  readonly of: Address
  readonly who: AccountId
  readonly where?: string | undefined
  readonly key: string
  readonly value: string | undefined
  readonly said: string
}

/** The names of people stay out of the audit. */
async function note(
  { admin, mail }: VerbPorts,
  { of, who, where, key, value, said }: Noting,
): Promise<Answer> {
  const mailbox = where === undefined ? undefined : await mail.mailbox(who, where)
  if (where !== undefined && !mailbox) return refused(`${of} has no folder ${where}.`)
  const changed = value === undefined ? value : Buffer.from(value)
  const kept = await mail.annotate(who, mailbox?.id, [{ name: key, value: changed }])
  switch (kept.kind) {
    case 'done': {
      const did = value === undefined ? 'deleted' : 'modified'
      const about = [of, key, ...(where === undefined ? [] : [where])].join(' ')
      await admin.record({ on: 'script', key: about, did, columns: [] }, actor)
      return done(said)
    }
    case 'missing':
      return refused('The mailbox of this user is not made yet. Try again later.')
    case 'too-many':
      return refused(`${of} has as many notes as can be kept.`)
    case 'later':
      return refused(kept.text)
  }
}

type Notes = Pick<MailStore, 'annotations' | 'mailboxes'>

async function events(mail: Notes, who: AccountId): Promise<Answer> {
  const places = [{ id: undefined, name: undefined }, ...(await mail.mailboxes(who))]
  const rows: { folder: string | undefined; script: string }[] = []
  for (const { id, name: where } of places) {
    const found = (await mail.annotations(who, id)).find((one) => one.name === waiting)
    if (found) rows.push({ folder: where, script: Buffer.from(found.value).toString() })
  }
  const cells = rows.map((row) => [row.folder ?? 'all others', row.script || 'none'])
  return { kind: 'table', columns: ['FOLDER', 'SCRIPT'], rows: cells, json: rows }
}

async function people(mail: Notes, who: AccountId): Promise<Answer> {
  const lists = (await mail.annotations(who, undefined)).filter((one) => one.name.startsWith(listed))
  const rows = lists.map(({ name: key, value }) => ({
    name: key.slice(listed.length),
    people: Buffer.from(value)
      .toString()
      .split(/[\r\n,]+/)
      .flatMap((line) => line.trim() || []),
  }))
  const cells = rows.map((row) => [`:addrbook:${row.name}`, row.people.join(' ')])
  return { kind: 'table', columns: ['LIST', 'PEOPLE'], rows: cells, json: rows }
}
