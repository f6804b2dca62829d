import type { Command } from './command.ts'
import { capability, logout, noop } from './commands/chores.ts'
import {
  checkScript,
  deleteScript,
  getScript,
  haveSpace,
  listScripts,
  putScript,
  renameScript,
  setActive,
} from './commands/scripts.ts'
import { authenticate, startTls, unauthenticate } from './commands/sign-in.ts'

/** Every command this server knows. Read this first; each says in which states it is allowed. RFC 5804 §2. */
export const table: ReadonlyMap<string, Command> = new Map([
  // In both states
  ['CAPABILITY', capability],
  ['NOOP', noop],
  ['LOGOUT', logout],
  // Before anybody signed in
  ['AUTHENTICATE', authenticate],
  ['STARTTLS', startTls],
  // Signed in
  ['HAVESPACE', haveSpace],
  ['PUTSCRIPT', putScript],
  ['LISTSCRIPTS', listScripts],
  ['SETACTIVE', setActive],
  ['GETSCRIPT', getScript],
  ['DELETESCRIPT', deleteScript],
  ['RENAMESCRIPT', renameScript],
  ['CHECKSCRIPT', checkScript],
  ['UNAUTHENTICATE', unauthenticate],
])
