import { type Address, domainOf } from '../../../lib/address.ts'
import { address, domain, oneOf } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, option, password, type Verb, type VerbPorts, verb } from '../verb.ts'
import { addInDomain } from './in-domain.ts'
import { warned } from './last-admin.ts'
import { actor, outcome } from './outcome.ts'
import { listUsers, noPassword, userVerbs } from './user.ts'
import { userBefore } from './user-before.ts'

const whose = argument(address, 'Address of the administrator')
const modes = { create: 'create', ifmissing: 'ifmissing', update: 'update' } as const

/** An administrator is a user with the right to administer. As in Mailu, adding one makes the domain where it is missing. */
export const adminVerbs: Readonly<Record<string, Verb>> = {
  'admin list': verb({
    summary: 'Lists the administrators',
    takes: { domain: option(domain, 'Only of this domain') },
    run: async ({ admin }, values) =>
      listUsers((await admin.users(values.domain)).filter((row) => row.globalAdmin)),
  }),
  'admin add': verb({
    summary: 'Adds an administrator, or makes a user one',
    takes: {
      address: whose,
      password: password(),
      mode: option(
        oneOf(modes),
        'Where the user is there already: create refuses, ifmissing does nothing, update sets the password',
      ),
    },
    run: async ({ admin }, values) => {
      const { address: who, mode } = values
      if (await admin.user(who)) return addAgain({ admin }, who, { mode, password: values.password })
      if (values.password === undefined) return noPassword()
      const row = { address: who, password: values.password, globalAdmin: true }
      return outcome(await addInDomain(admin, { on: 'user', do: 'add', row }, domainOf(who)), who, 'added')
    },
  }),
  ...renamed('admin show', 'Shows an administrator', userVerbs['user show']),
  ...renamed('admin set', 'Changes an administrator', userVerbs['user set']),
  'admin delete': verb({
    summary: 'Takes the right to administer away; the user stays',
    takes: { address: whose },
    run: async ({ admin }, values) => {
      const before = await userBefore(admin, values.address)
      const changed = await admin.set('user', values.address, { globalAdmin: false }, actor)
      return warned(admin, before, outcome(changed, values.address, 'is no administrator any more'))
    },
  }),
}

interface Again {
  readonly mode: keyof typeof modes | undefined
  readonly password: string | undefined
}

async function addAgain(
  { admin }: Pick<VerbPorts, 'admin'>,
  who: Address,
  { mode, password: secret }: Again,
): Promise<Answer> {
  switch (mode) {
    case 'create':
      return refused(`${who} is there already.`)
    case 'ifmissing':
      return done(`${who} is there already.`, { result: 'unchanged', name: who })
    case 'update':
      if (secret === undefined) return noPassword()
      // Mailu leaves the right as it is, which leaves an administrator who cannot administer.
      return outcome(
        await admin.set('user', who, { password: secret, globalAdmin: true }, actor),
        who,
        'is an administrator with that password now',
      )
    case undefined:
      return outcome(
        await admin.set('user', who, { globalAdmin: true }, actor),
        who,
        'is an administrator now',
      )
  }
}

function renamed(words: string, summary: string, same: Verb | undefined): Record<string, Verb> {
  return same === undefined ? {} : { [words]: { ...same, summary } }
}
