import { type Address, type DomainName, domainOf } from '../../lib/address.ts'
import type { ApiPorts, Operation } from './operation.ts'
import { rankOf } from './reach.ts'

/**
 * Whether what is asked for lies in the domain of a key, as far as its manager would reach: nobody above him, no limits of the
 * domain. What names neither a domain nor somebody in it lies outside.
 */
export async function isWithin(
  domain: DomainName,
  { area, method, path }: Operation,
  { admin }: Pick<ApiPorts, 'admin'>,
  values: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  if (!areas.has(area) || (area === 'domain' && method !== 'get')) return false
  if (path.includes('{domain}')) return values['domain'] === domain
  const named =
    values['email'] ?? values['alias'] ?? (values['body'] as { email?: unknown } | undefined)?.email
  const address = path.includes('{token_id}') ? await ownerOf(admin, values['token_id']) : named
  if (typeof address !== 'string' || domainOf(address as Address) !== domain) return false
  if (area === 'alias') return true
  const user = await rankOf(admin, address as Address)
  if (!user) return true
  const managed = await admin.managers(address as Address)
  return !user.globalAdmin && managed.every((grant) => grant.domain === domain)
}

const areas: ReadonlySet<Operation['area']> = new Set([
  'domain',
  'user',
  'alias',
  'token',
  'session',
  'trace',
])

const ownerOf = async (admin: ApiPorts['admin'], id: unknown): Promise<Address | undefined> =>
  (await admin.tokens()).find((row) => row.id === id)?.user
