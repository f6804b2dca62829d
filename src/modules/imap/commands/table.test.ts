import { expect, test } from 'vitest'
import { sourceFiles } from '../../../../test/support/imports.ts'
import { commands } from './table.ts'

// RFC 4314 §4, RFC 5464 §3, RFC 6851, RFC 8508, RFC 9208 §4.1: what each command may need; `l` goes without saying, since what is not
// looked up does not exist. A new command has to be put here.
const needs: Readonly<Record<string, string>> = {
  SELECT: 'r',
  EXAMINE: 'r',
  CREATE: 'k',
  DELETE: 'x',
  RENAME: 'kx',
  LIST: 'r',
  STATUS: 'r',
  NOTIFY: 'r',
  GENURLAUTH: 'r',
  RESETKEY: 'r',
  URLFETCH: 'r',
  ESEARCH: 'r',
  GETMETADATA: 'r',
  SETMETADATA: 'rw',
  SETACL: 'a',
  DELETEACL: 'a',
  GETACL: 'a',
  LISTRIGHTS: 'a',
  GETQUOTA: 'r',
  GETQUOTAROOT: 'r',
  APPEND: 'ir',
  CHECK: 'r',
  CLOSE: 'er',
  CANCELUPDATE: 'r',
  UNSELECT: 'r',
  UIDBATCHES: 'r',
  EXPUNGE: 'er',
  'UID EXPUNGE': 'er',
  SEARCH: 'r',
  SORT: 'r',
  THREAD: 'r',
  'UID SEARCH': 'r',
  'UID SORT': 'r',
  'UID THREAD': 'r',
  FETCH: 'rs',
  'UID FETCH': 'rs',
  STORE: 'rstw',
  'UID STORE': 'rstw',
  COPY: 'ir',
  'UID COPY': 'ir',
  MOVE: 'eirt',
  'UID MOVE': 'eirt',
  REPLACE: 'eirt',
  'UID REPLACE': 'eirt',
}
const needNothing =
  'CAPABILITY NOOP LOGOUT ID LANGUAGE STARTTLS AUTHENTICATE LOGIN UNAUTHENTICATE ENABLE COMPRESS SUBSCRIBE UNSUBSCRIBE LSUB ' +
  'NAMESPACE MYRIGHTS SETQUOTA IDLE'

test('each command names the rights that it needs, and no more', () => {
  const named = Object.entries(commands).map(([name, command]) => [name, [...command.needs].sort().join('')])
  const expected = { ...needs, ...Object.fromEntries(needNothing.split(' ').map((name) => [name, ''])) }
  expect(Object.fromEntries(named)).toEqual(expected)
})

const files = sourceFiles('src/modules/imap').filter(({ path }) => !path.includes('/access/'))

test('nobody gets at the mail but through somebody’s access', () => {
  const holders = files.filter(({ text }) => /\bMail(?:Store|Reader|Writer|Shares)\b/.test(text))
  expect(holders.map(({ path }) => path.replace('src/modules/imap/', '')).sort()).toEqual([
    // Makes the accesses.
    'index.ts',
    // The names of an account for that account.
    'notify/account-news.ts',
    // Texts of keyword sets, which belong to nobody.
    'selected/flag-texts.ts',
    // Hears that something changed; what it opens it is given open.
    'selected/images.ts',
  ])
  expect(files.filter(({ text }) => text.includes('new Opened')).map(({ path }) => path)).toEqual([])
})
