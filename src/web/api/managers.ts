import { z } from 'zod'
import { readableName } from '../../lib/readable-name.ts'
import { done, json, missing, outcome } from './answer.ts'
import { findDomain } from './domains.ts'
import { address, domainName, text } from './fields.ts'
import { type Operation, operation } from './operation.ts'

const params = { domain: domainName }
const one = { domain: domainName, email: address }

export const managerOperations: readonly Operation[] = [
  operation({
    area: 'domain',
    method: 'get',
    path: '/domain/{domain}/manager',
    summary: 'Lists who manages a domain',
    params,
    answers: z.object({ managers: z.array(text('Address of a manager')) }),
    run: async ({ ports: { admin }, params: { domain } }) => {
      if (!(await findDomain(admin, domain))) return missing(`domain ${domain}`)
      const grants = (await admin.managers()).filter((grant) => grant.domain === domain)
      return json({ managers: grants.map(({ user }) => readableName(user)) })
    },
  }),
  operation({
    area: 'domain',
    method: 'post',
    path: '/domain/{domain}/manager',
    summary: 'Lets a user manage a domain',
    params,
    body: z.object({ user_email: address }),
    run: async ({ ports: { admin }, actor, params: { domain }, body: { user_email: user } }) =>
      outcome(await admin.add('manager', { domain, user }, actor), `Manager ${user} of ${domain}`, 'added'),
  }),
  operation({
    area: 'domain',
    method: 'get',
    path: '/domain/{domain}/manager/{email}',
    summary: 'Says whether a user manages a domain',
    params: one,
    run: async ({ ports: { admin }, params: { domain, email } }) => {
      const is = (await admin.managers()).some((grant) => grant.domain === domain && grant.user === email)
      return is ? done(`${email} manages ${domain}`) : missing(`manager ${email} of ${domain}`)
    },
  }),
  operation({
    area: 'domain',
    method: 'delete',
    path: '/domain/{domain}/manager/{email}',
    summary: 'Lets a user manage a domain no more',
    params: one,
    run: async ({ ports: { admin }, actor, params: { domain, email: user } }) =>
      outcome(
        await admin.delete('manager', { domain, user }, actor),
        `Manager ${user} of ${domain}`,
        'removed',
      ),
  }),
]
