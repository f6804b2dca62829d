import type { Address } from '../../src/lib/address.ts'
import { address, addUsers, aliasRow, domainRow, newUser } from './auth.ts'
import { type Browser, startWeb, type TestWeb } from './web.ts'

/** Those who come to the administration. `other` manages a domain, but not example.com; `manager` that one alone. */
export type Role = 'stranger' | 'user' | 'other' | 'manager' | 'admin'

export interface Roles {
  readonly web: TestWeb
  readonly as: Readonly<Record<Role, Browser>>
  /** The number of one. */
  readonly application: string
}

/** A directory with something of every kind, and everybody signed in. */
export async function startRoles(): Promise<Roles> {
  const web = await startWeb({ apiPath: '/api' })
  const { admin, apiKeys, oauth } = web.auth
  const domain = domainRow('example.com').name
  await admin.add('domain', domainRow('other.example'), 'test')
  await admin.add('relay', { name: domainRow('relayed.example').name, target: 'far.example' }, 'test')
  await addUsers(admin, [
    newUser('root@example.com', { globalAdmin: true }),
    newUser('mia@example.com'),
    newUser('gone@example.com'),
    newUser('olga@other.example'),
    newUser('boss@example.com'),
  ])
  const grant = (name: string, user: Address) =>
    admin.add('manager', { domain: domainRow(name).name, user }, 'test')
  await grant('example.com', address('mia@example.com'))
  await grant('other.example', address('olga@other.example'))
  // Lives in example.com, and stands above its manager.
  await grant('other.example', address('boss@example.com'))
  await admin.add('alias', aliasRow(`team@${domain}`, ['ann@example.com']), 'test')
  await admin.add('departure', { user: address('gone@example.com'), deleteAt: Date.now() + 9e8 }, 'test')
  const forms = { name: 'forms', scopes: ['user:read'], networks: [], expires: 'never' } as const
  await apiKeys.add({ ...forms, domain, owner: undefined }, 'test')
  const settings = { redirectUris: [], scopes: ['mail'], device: true, signing: 'RS256' } as const
  const application = await oauth.clients.add({ ...settings, name: 'Printer', isConfidential: true }, 'test')
  if (application.kind !== 'added') throw new Error(application.kind)
  return {
    web,
    application: application.id,
    as: {
      stranger: web.browser(),
      user: await web.signedIn('bob@example.com'),
      other: await web.signedIn('olga@other.example'),
      manager: await web.signedIn('mia@example.com'),
      admin: await web.signedIn('root@example.com'),
    },
  }
}
