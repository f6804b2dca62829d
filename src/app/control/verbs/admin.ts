import { domainOf } from '../../../lib/address.ts'
import { address, domain } from '../../settings/kinds.ts'
import { mistake } from '../answer.ts'
import { argument, option, password, type Verb, verb } from '../verb.ts'
import { plainDomain } from './domain.ts'
import { outcome } from './outcome.ts'
import { listUsers, userVerbs } from './user.ts'

const whose = argument(address, 'Address of the administrator')

/** An administrator is a user with the right to administer. As in Mailu, adding one makes the domain where it is missing. */
export const adminVerbs: Readonly<Record<string, Verb>> = {
  'admin list': verb({
    summary: 'Lists the administrators',
    takes: { domain: option(domain, 'Only of this domain') },
    run: ({ admin }, values) => listUsers({ admin }, values.domain, (row) => row.globalAdmin),
  }),
  'admin add': verb({
    summary: 'Adds an administrator, or makes a user one',
    takes: { address: whose, password: password() },
    run: async ({ admin, settings }, values) => {
      if (await admin.user(values.address)) {
        const changed = await admin.setUser(values.address, { globalAdmin: true })
        return outcome(changed, values.address, 'is an administrator now')
      }
      if (values.password === undefined)
        return mistake('Say a password: --password-stdin or --password-file FILE.')
      const name = domainOf(values.address)
      const known = (await admin.domains()).some(
        (row) => row.name === name || row.alternatives.includes(name),
      )
      if (!known) await admin.addDomain(plainDomain(name))
      const user = {
        address: values.address,
        password: values.password,
        globalAdmin: true,
        quotaBytes: settings.DEFAULT_QUOTA,
      }
      return outcome(await admin.addUser(user), values.address, 'added')
    },
  }),
  ...renamed('admin show', 'Shows an administrator', userVerbs['user show']),
  ...renamed('admin set', 'Changes an administrator', userVerbs['user set']),
  'admin delete': verb({
    summary: 'Takes the right to administer away; the user stays',
    takes: { address: whose },
    run: async ({ admin }, values) => {
      const changed = await admin.setUser(values.address, { globalAdmin: false })
      return outcome(changed, values.address, 'is no administrator any more')
    },
  }),
}

function renamed(words: string, summary: string, same: Verb | undefined): Record<string, Verb> {
  return same === undefined ? {} : { [words]: { ...same, summary } }
}
