import type { Verb } from './verb.ts'
import { adminVerbs } from './verbs/admin.ts'
import { aliasVerbs } from './verbs/alias.ts'
import { domainVerbs } from './verbs/domain.ts'
import { storeVerbs } from './verbs/store.ts'
import { throttleVerbs } from './verbs/throttle.ts'
import { userVerbs } from './verbs/user.ts'

/** Everything the command line can ask of the data, on a running server or a stopped one. Read this first. */
export const verbs: ReadonlyMap<string, Verb> = new Map(
  Object.entries({
    ...domainVerbs,
    ...userVerbs,
    ...adminVerbs,
    ...aliasVerbs,
    ...storeVerbs,
    ...throttleVerbs,
  }),
)
