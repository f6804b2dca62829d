import type { DomainName } from '../../../lib/address.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { Added, Change, Refusal } from '../../../ports/directory-writer.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import { isDomain } from './domain.ts'
import { actor } from './outcome.ts'

/** Adds something, and before it the domain that it is in where that is asked for and missing. Both, or neither. */
export async function addInDomain(
  admin: DirectoryAdmin,
  change: Change,
  domain: DomainName | undefined,
): Promise<Added | Refusal | TryLater> {
  const missing = domain !== undefined && !(await isDomain(admin, domain))
  const before: Change[] = missing ? [{ on: 'domain', do: 'add', row: { name: domain } }] : []
  const applied = await admin.apply([...before, change], { actor })
  if (applied.kind === 'later') return applied
  if (applied.kind === 'applied') return { kind: 'added' }
  const told = applied.refusals.map(({ outcome }) => outcome).find((outcome) => outcome.kind === 'refused')
  return told ?? { kind: 'refused', reason: 'invalid', text: 'It was changed meanwhile. Try again.' }
}
