import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import { createAliasAdmin } from './aliases.ts'
import type { AdminParts } from './change.ts'
import { createDomainAdmin } from './domains.ts'
import { createUserAdmin } from './users.ts'

export function createAdmin(parts: AdminParts): DirectoryAdmin {
  return { ...createDomainAdmin(parts), ...createUserAdmin(parts), ...createAliasAdmin(parts) }
}
