import { aliasOperations } from './aliases.ts'
import { applicationOperations } from './applications.ts'
import { alternativeOperations, domainOperations } from './domains.ts'
import { fetchOperations } from './fetches.ts'
import { managerOperations } from './managers.ts'
import type { Operation } from './operation.ts'
import { ownAliasOperations } from './own-aliases.ts'
import { queueOperations } from './queue.ts'
import { relayOperations } from './relays.ts'
import { sessionOperations } from './sessions.ts'
import { tokenOperations } from './tokens.ts'
import { traceOperations } from './traces.ts'
import { userOperations } from './users.ts'

/** Everything the API does. Read this first. What comes first is tried first: fixed paths stand before those with names in them. */
export const operations: readonly Operation[] = [
  ...domainOperations,
  ...managerOperations,
  ...alternativeOperations,
  ...userOperations,
  ...ownAliasOperations,
  ...aliasOperations,
  ...relayOperations,
  ...tokenOperations,
  ...sessionOperations,
  ...fetchOperations,
  ...applicationOperations,
  ...queueOperations,
  ...traceOperations,
]
