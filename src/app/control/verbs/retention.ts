import type { Address } from '../../../lib/address.ts'
import { address, text, wholeNumber } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, option, type Verb, type VerbPorts, verb } from '../verb.ts'
import { missing } from './outcome.ts'

const whose = argument(address, 'Address of the user')
const folder = argument(text, 'Name of the folder, such as Trash or Lists/News')

/** How long folders keep what comes into them. */
export const retentionVerbs: Readonly<Record<string, Verb>> = {
  'retention list': verb({
    summary: 'Lists the folders that do not keep their messages for ever, or are told to',
    takes: { user: option(address, 'Only of this user') },
    run: (ports, { user }) => list(ports, user),
  }),
  'retention set': verb({
    summary: 'Lets messages leave a folder some days after they came into it',
    takes: {
      user: whose,
      folder,
      days: argument(wholeNumber(0, 36_500), 'After how many days; 0 keeps them, whatever the settings say'),
    },
    run: async ({ admin, retention }, { user, folder: name, days }) => {
      const row = await admin.user(user)
      if (!row) return missing(user)
      const answer = await retention.set(row.account, name, days)
      if (answer.kind === 'later') return refused(answer.text)
      if (answer.kind === 'missing') return refused(`${user} has no folder ${name}.`)
      const { due } = answer
      if (days === 0) return done(`${name} of ${user} keeps its messages.`, { user, folder: name, days })
      return done(`${name} of ${user} keeps its messages for ${days} days.${dueText(due)}`, {
        user,
        folder: name,
        days,
        due,
      })
    },
  }),
  'retention delete': verb({
    summary: 'Takes the rule of a folder away: what the settings say counts again',
    takes: { user: whose, folder },
    run: async ({ admin, retention }, { user, folder: name }) => {
      const row = await admin.user(user)
      if (!row) return missing(user)
      const answer = await retention.unset(row.account, name)
      if (answer.kind === 'later') return refused(answer.text)
      if (answer.kind === 'missing') return refused(`${name} of ${user} has no rule of its own.`)
      const { due } = answer
      return done(`${name} of ${user} obeys the settings again.${dueText(due)}`, { user, folder: name, due })
    },
  }),
}

const dueText = (due: number) => (due === 0 ? '' : ` ${due} that came earlier go within the hour.`)

async function list({ admin, retention }: VerbPorts, user: Address | undefined): Promise<Answer> {
  const users = user === undefined ? await admin.users() : [await admin.user(user)]
  const rows: (readonly [user: string, folder: string, days: number, own: boolean])[] = []
  for (const each of users) {
    if (!each) return missing(user ?? '')
    const rules = await retention.list(each.account)
    rows.push(...rules.map(({ mailbox, days, own }) => [each.address, mailbox, days, own] as const))
  }
  return {
    kind: 'table',
    columns: ['USER', 'FOLDER', 'DAYS', 'SET BY'],
    rows: rows.map(([who, name, days, own]) => [
      who,
      name,
      days === 0 ? 'for ever' : days,
      own ? 'retention set' : 'the settings',
    ]),
    json: rows.map(([who, name, days, own]) => ({ user: who, folder: name, days, own })),
  }
}
