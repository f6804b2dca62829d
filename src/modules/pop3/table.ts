import type { Command } from './command.ts'
import { capa, lang, noop, quit, utf8 } from './commands/chores.ts'
import { dele, list, rset, stat, uidl } from './commands/lists.ts'
import { retr, top } from './commands/messages.ts'
import { auth, pass, stls, user } from './commands/sign-in.ts'

/** Every command this server knows. Read this first; each says in which states it is allowed. APOP is not offered. */
export const table: ReadonlyMap<string, Command> = new Map([
  // In both states: RFC 2449 §5, RFC 6856 §3, RFC 1939 §5
  ['CAPA', capa],
  ['LANG', lang],
  ['QUIT', quit],
  // AUTHORIZATION: RFC 1939 §7, RFC 5034, RFC 2595 §4, RFC 6856 §2
  ['USER', user],
  ['PASS', pass],
  ['AUTH', auth],
  ['STLS', stls],
  ['UTF8', utf8],
  // TRANSACTION: RFC 1939 §5, §7
  ['STAT', stat],
  ['LIST', list],
  ['UIDL', uidl],
  ['RETR', retr],
  ['TOP', top],
  ['DELE', dele],
  ['RSET', rset],
  ['NOOP', noop],
])
