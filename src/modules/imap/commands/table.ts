import type { Decoder } from '../wire/decoder.ts'
import { deleteAcl, getAcl, listRights, myRights, setAcl } from './acl.ts'
import { append } from './append.ts'
import { authenticate } from './authenticate.ts'
import { capability, check, enable, id, logout, namespace, noop } from './basics.ts'
import type { Command } from './command.ts'
import { compress } from './compress.ts'
import { copy, move } from './copy.ts'
import { expunge, uidExpunge } from './expunge.ts'
import { fetch, uidFetch } from './fetch.ts'
import { cancelUpdate } from './follow.ts'
import { idle } from './idle.ts'
import { language } from './language.ts'
import { list, lsub } from './list.ts'
import { login, startTls } from './login.ts'
import { create, remove, rename, subscribe, unsubscribe } from './mailboxes.ts'
import { getMetadataOf, setMetadataOf } from './metadata.ts'
import { multiSearch } from './multisearch.ts'
import { notify } from './notify.ts'
import { getQuota, getQuotaRoot, setQuota } from './quota.ts'
import { replace, uidReplace } from './replace.ts'
import { search, uidSearch } from './search.ts'
import { close, examine, select, unselect } from './select.ts'
import { sort, uidSort } from './sort.ts'
import { status } from './status.ts'
import { store, uidStore } from './store.ts'
import { thread, uidThread } from './thread.ts'
import { uidBatches } from './uid-batches.ts'
import { unauthenticate } from './unauthenticate.ts'
import { genUrlAuth, resetKey, urlFetch } from './url-auth.ts'

/** Every command this server knows. Read this first; each says in which states it is allowed, what rights it needs, and its hazards. */
export const commands: Readonly<Record<string, Command>> = {
  // In any state: RFC 9051 §6.1, RFC 2971
  CAPABILITY: capability,
  NOOP: noop,
  LOGOUT: logout,
  ID: id,
  LANGUAGE: language,
  // Before sign-in: §6.2
  STARTTLS: startTls,
  AUTHENTICATE: authenticate,
  LOGIN: login,
  // Signed in: §6.3
  UNAUTHENTICATE: unauthenticate,
  ENABLE: enable,
  ESEARCH: multiSearch,
  COMPRESS: compress,
  SELECT: select,
  EXAMINE: examine,
  CREATE: create,
  DELETE: remove,
  RENAME: rename,
  SUBSCRIBE: subscribe,
  UNSUBSCRIBE: unsubscribe,
  LIST: list,
  LSUB: lsub,
  NAMESPACE: namespace,
  STATUS: status,
  GETMETADATA: getMetadataOf,
  SETMETADATA: setMetadataOf,
  SETACL: setAcl,
  DELETEACL: deleteAcl,
  GETACL: getAcl,
  LISTRIGHTS: listRights,
  MYRIGHTS: myRights,
  GETQUOTA: getQuota,
  GETQUOTAROOT: getQuotaRoot,
  SETQUOTA: setQuota,
  APPEND: append,
  IDLE: idle,
  NOTIFY: notify,
  GENURLAUTH: genUrlAuth,
  RESETKEY: resetKey,
  URLFETCH: urlFetch,
  // With a mailbox: §6.4
  CHECK: check,
  CLOSE: close,
  CANCELUPDATE: cancelUpdate,
  UNSELECT: unselect,
  EXPUNGE: expunge,
  UIDBATCHES: uidBatches,
  SEARCH: search,
  SORT: sort,
  FETCH: fetch,
  STORE: store,
  THREAD: thread,
  COPY: copy.byNumber,
  MOVE: move.byNumber,
  REPLACE: replace,
  'UID COPY': copy.byUid,
  'UID EXPUNGE': uidExpunge,
  'UID FETCH': uidFetch,
  'UID MOVE': move.byUid,
  'UID REPLACE': uidReplace,
  'UID SEARCH': uidSearch,
  'UID SORT': uidSort,
  'UID STORE': uidStore,
  'UID THREAD': uidThread,
}

/** Reads the name of a command. */
export function commandNamed(d: Decoder): { name: string; command: Command } | undefined {
  const first = d.keyword('command')
  const name = first === 'UID' ? `UID ${d.sp().keyword('command')}` : first
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  return command && { name, command }
}
