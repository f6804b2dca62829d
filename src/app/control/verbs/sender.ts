import type { Address } from '../../../lib/address.ts'
import { type ListedName, parseListedName } from '../../../lib/listed-name.ts'
import { address, type Kind, oneOf } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, option, type Verb, type VerbPorts, verb } from '../verb.ts'
import { missing } from './outcome.ts'

const name: Kind<ListedName> = {
  expected: 'an address, such as eve@far.example, or a domain',
  read: (text) => {
    const found = parseListedName(text)
    return found && { value: found }
  },
}
const sender = argument(name, 'Address, or domain for everybody in it and below')
const user = option(address, 'In the list of this user; without it everybody’s')

/** Senders who are always or never wanted. */
export const senderVerbs: Readonly<Record<string, Verb>> = {
  'sender list': verb({
    summary: 'Lists the senders who are always or never wanted',
    takes: { user },
    run: async (ports, { user: of }) =>
      ofOwner(ports, of, async (owner) => {
        const found = await ports.senders.list(owner)
        const lines = found.map((one) => `${one.wanted ? 'wanted  ' : 'unwanted'} ${one.sender}`)
        return done(lines.length > 0 ? lines.join('\n') : 'Nobody is listed.', found)
      }),
  }),
  'sender set': verb({
    summary: 'Says that a sender is always or never wanted; what was said before is replaced',
    takes: {
      sender,
      as: argument(oneOf({ wanted: true, unwanted: false }), 'wanted or unwanted'),
      user,
    },
    run: async (ports, { sender: who, as, user: of }) =>
      ofOwner(ports, of, async (owner) => {
        const put = await ports.senders.put(owner, who, as)
        switch (put.kind) {
          case 'put':
            return done(`${who} is ${as ? 'always' : 'never'} wanted.`, put)
          case 'full':
            return refused(`There are ${put.most} senders in the list, which is the most it takes.`)
          case 'later':
            return refused(put.text)
        }
      }),
  }),
  'sender delete': verb({
    summary: 'Takes a sender off the list',
    takes: { sender, user },
    run: async (ports, { sender: who, user: of }) =>
      ofOwner(ports, of, async (owner) => {
        const removed = await ports.senders.remove(owner, who)
        if (removed.kind === 'later') return refused(removed.text)
        return removed.kind === 'missing' ? missing(who) : done(`${who} is not listed any more.`, removed)
      }),
  }),
}

async function ofOwner(
  { admin }: VerbPorts,
  user: Address | undefined,
  run: (owner: Parameters<VerbPorts['senders']['list']>[0]) => Promise<Answer>,
): Promise<Answer> {
  if (user === undefined) return run(undefined)
  const row = await admin.user(user)
  return row ? run(row.account) : missing(user)
}
