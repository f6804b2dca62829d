import type { Command } from './command.ts'
import { help, noop, quit, refusedCommand, rset, vrfy } from './commands/chores.ts'
import { bdat, data } from './commands/data.ts'
import { mail, rcpt } from './commands/envelope.ts'
import { ehlo, helo, lhlo } from './commands/greeting.ts'
import { auth, startTls } from './commands/security.ts'

/** Every command this server knows. Read this first. */
export const table: ReadonlyMap<string, Command> = new Map([
  ['EHLO', ehlo],
  ['HELO', helo],
  ['LHLO', lhlo],
  ['MAIL', mail],
  ['RCPT', rcpt],
  ['DATA', data],
  ['BDAT', bdat],
  ['RSET', rset],
  ['NOOP', noop],
  ['QUIT', quit],
  ['VRFY', vrfy],
  ['HELP', help],
  ['EXPN', refusedCommand],
  ['ETRN', refusedCommand],
  ['STARTTLS', startTls],
  ['AUTH', auth],
])

/** First words of other protocols, which a browser can be made to send here. */
export const foreignVerbs: ReadonlySet<string> = new Set([
  'GET',
  'POST',
  'PUT',
  'HEAD',
  'CONNECT',
  'OPTIONS',
  'HOST:',
])
