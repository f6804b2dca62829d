import { mechanisms } from './mechanisms.ts'
import type { Session } from './session.ts'
import { isSwitchedOff } from './switched-off.ts'

const always = ['IMAP4rev1', 'IMAP4rev2', 'LITERAL+', 'SASL-IR', 'ENABLE', 'ID', 'IDLE', 'LANGUAGE']

const compression = 'COMPRESS=DEFLATE'

/** Each with a file that does it; see docs/standards.md. */
const signedIn = [
  'ACL',
  'APPENDLIMIT',
  'BINARY',
  'CATENATE',
  'CHILDREN',
  compression,
  'CONDSTORE',
  'CONTEXT=SEARCH',
  'CONTEXT=SORT',
  'CREATE-SPECIAL-USE',
  'ESEARCH',
  'ESORT',
  'I18NLEVEL=1',
  'IMAPSIEVE',
  'INPROGRESS',
  'LIST-EXTENDED',
  'LIST-METADATA',
  'LIST-MYRIGHTS',
  'LIST-STATUS',
  'MESSAGELIMIT',
  'METADATA',
  'MOVE',
  'MULTIAPPEND',
  'MULTISEARCH',
  'NAMESPACE',
  'NOTIFY',
  'OBJECTID',
  'PARTIAL',
  'PREVIEW',
  'QRESYNC',
  'QUOTA',
  'QUOTA=RES-STORAGE',
  'QUOTA=RES-MESSAGE',
  'REPLACE',
  // RFC 4314 §2.2: those that ACL did not have of old.
  'RIGHTS=texk',
  'SAVEDATE',
  'SEARCH=FUZZY',
  'SEARCHRES',
  'SORT',
  'SORT=DISPLAY',
  'SPECIAL-USE',
  'STATUS=SIZE',
  'THREAD=ORDEREDSUBJECT',
  'THREAD=REFERENCES',
  'THREAD=REFS',
  'UIDBATCHES',
  'UIDONLY',
  'UIDPLUS',
  'UNAUTHENTICATE',
  'UNSELECT',
  'URLAUTH',
  'UTF8=ACCEPT',
  'WITHIN',
]

/** What this client may do now: it differs before and behind STARTTLS and sign-in. RFC 9051 §6.1.1, §7.2.2. */
export function capabilities(session: Session): string {
  return namesFor(session)
    .filter((name) => !isSwitchedOff(session, name))
    .map((name) => withValue(session, name))
    .join(' ')
}

function withValue({ services: { settings } }: Session, name: string): string {
  if (name === 'IMAPSIEVE') return `${name}=${settings.scriptServer}`
  if (name === 'APPENDLIMIT') return `${name}=${settings.appendLimit}`
  return name === 'MESSAGELIMIT' ? `${name}=${settings.messageLimit}` : name
}

function namesFor(session: Session): string[] {
  // RFC 4978 §3: compression is on already.
  if (session.user)
    return [...always, ...signedIn.filter((name) => !session.compressed || name !== compression)]
  const startTls = session.connection.mayStartTls ? ['STARTTLS'] : []
  const signIn = session.mayAuthenticate
    ? mechanisms(session).map((name) => `AUTH=${name}`)
    : ['LOGINDISABLED']
  return [...always, ...startTls, ...signIn]
}
