import type { TryLater } from '../../../ports/runtime.ts'

/** How a command ended: its tagged response. RFC 9051 §7.1. */
export interface Reply {
  readonly kind: 'ok' | 'no' | 'bad'
  /** Without brackets: `TRYCREATE`, `APPENDUID 1 2`. RFC 5530. */
  readonly code: string | undefined
  readonly text: string
}

/** `text` is `<NAME> completed` where nothing better is said. */
export function done(code?: string): Reply {
  return { kind: 'ok', code, text: '' }
}

export function ok(text: string, code?: string): Reply {
  return { kind: 'ok', code, text }
}

export function no(code: string | undefined, text: string): Reply {
  return { kind: 'no', code, text }
}

export function bad(text: string, code?: string): Reply {
  return { kind: 'bad', code, text }
}

/** Every answer that more than one command gives. */
export const replies = {
  noSuchMailbox: no('NONEXISTENT', 'No such mailbox'),
  noSuchTarget: no('TRYCREATE', 'No such mailbox; create it first'),
  mailboxExists: no('ALREADYEXISTS', 'A mailbox of this name exists'),
  tooManyMailboxes: no('LIMIT', 'Too many mailboxes; delete some first'),
  overQuota: no('OVERQUOTA', 'The mailbox is full; delete some messages first'),
  notAllowed: no('NOPERM', 'You may not do this to this mailbox'),
  readOnly: no('READ-ONLY', 'The mailbox was opened for reading only'),
  tooManyKeywords: no('LIMIT', 'Too many keywords'),
  noneLeft: no('EXPUNGEISSUED', 'Some of these messages are gone'),
  refused: no('AUTHENTICATIONFAILED', 'Wrong address or password'),
  // RFC 5530 §3
  passwordExpired: no('EXPIRED', 'Choose a new password in your browser first'),
  needsPassword: no('CANNOT', 'The mail is still on another server; sign in with the password itself'),
  needsTls: no('PRIVACYREQUIRED', 'Start TLS first'),
} as const satisfies Record<string, Reply>

/** The same of a mailbox that something was to be put into. */
export function asTarget(reply: Reply): Reply {
  return reply === replies.noSuchMailbox ? replies.noSuchTarget : reply
}

/** Temporary trouble. RFC 5530 §3. */
export function later({ reason, text }: TryLater): Reply {
  return no(reason === 'damaged' ? 'CORRUPTION' : 'UNAVAILABLE', text)
}
