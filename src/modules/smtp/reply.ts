import type { Refused } from '../../ports/intake.ts'
import type { LaterReason, TryLater } from '../../ports/runtime.ts'

export interface Reply {
  readonly code: number
  /** RFC 3463; undefined for greeting, EHLO and go-aheads, which carry none (RFC 2034 §4). */
  readonly status: string | undefined
  readonly text: string | readonly string[]
  /** The session ends behind it. */
  readonly closes?: true
}

function reply(code: number, status: string | undefined, text: string): Reply {
  return { code, status, text }
}

function closing(code: number, status: string, text: string): Reply {
  return { code, status, text, closes: true }
}

/** Every fixed answer. What varies is made by the functions below. */
export const replies = {
  sender: reply(250, '2.1.0', 'Sender ok'),
  recipient: reply(250, '2.1.5', 'Recipient ok'),
  reset: reply(250, '2.0.0', 'Forgotten'),
  noop: reply(250, '2.0.0', 'OK'),
  verify: reply(252, '2.5.0', 'Cannot verify; send the message and see'),
  help: reply(214, '2.0.0', 'RFC 5321'),
  goodbye: closing(221, '2.0.0', 'Goodbye'),
  sendData: reply(354, undefined, 'End the message with <CRLF>.<CRLF>'),
  startTls: reply(220, '2.0.0', 'Go ahead'),
  signedIn: reply(235, '2.7.0', 'Signed in'),

  unknown: reply(500, '5.5.2', 'Command unknown'),
  lineTooLong: reply(500, '5.5.2', 'Line too long'),
  wrongLine: reply(500, '5.5.2', 'Lines end with CRLF and hold UTF-8 without control characters'),
  notOffered: reply(502, '5.5.1', 'Not offered here'),
  helloFirst: reply(503, '5.5.1', 'Say EHLO first'),
  mailFirst: reply(503, '5.5.1', 'Send MAIL first'),
  rcptFirst: reply(503, '5.5.1', 'Send RCPT first'),
  noRecipients: reply(554, '5.5.1', 'No valid recipients'),
  inTransaction: reply(503, '5.5.1', 'Not inside a mail transaction'),
  chunksBegun: reply(503, '5.5.1', 'The message is being sent with BDAT'),
  chunksFailed: reply(503, '5.5.1', 'An earlier BDAT failed; send RSET'),
  binaryNeedsChunks: reply(503, '5.5.1', 'BODY=BINARYMIME needs BDAT'),
  badParameters: reply(555, '5.5.4', 'Parameter not offered'),
  holdTooLong: reply(501, '5.5.4', 'That is further ahead than messages are held'),
  tooLarge: reply(552, '5.3.4', 'Message too large'),
  tooManyRecipients: reply(452, '4.5.3', 'Too many recipients; send the rest in another message'),
  utf8NotDeclared: reply(553, '5.6.7', 'Addresses with UTF-8 need SMTPUTF8'),
  unusableSender: reply(553, '5.1.7', 'Sender is no mail address'),
  unusableRecipient: reply(553, '5.1.3', 'Recipient is no mail address'),
  senderNotYours: reply(553, '5.7.1', 'Sender address rejected: not owned by user'),
  tlsFirst: reply(530, '5.7.0', 'Must issue a STARTTLS command first'),
  tlsAlready: reply(503, '5.5.1', 'TLS is on already'),
  signInFirst: reply(530, '5.7.0', 'Sign in first'),
  signedInAlready: reply(503, '5.5.1', 'Signed in already'),
  encryptionForAuth: reply(538, '5.7.11', 'Signing in needs TLS'),
  mechanismUnknown: reply(504, '5.5.4', 'Mechanism not offered'),
  badBase64: reply(501, '5.5.2', 'Not base64, or not what the mechanism expects'),
  authLineTooLong: reply(500, '5.5.6', 'Line too long'),
  authCancelled: reply(501, '5.7.0', 'Cancelled'),
  credentialsInvalid: reply(535, '5.7.8', 'Authentication credentials invalid'),
  passwordExpired: reply(535, '5.7.8', 'Choose a new password in your browser first'),
  needsPassword: reply(535, '5.7.8', 'The mail is still on another server; sign in with the password itself'),
  throttled: reply(454, '4.3.2', 'Temporary authentication failure (rate-limit)'),

  draining: closing(421, '4.3.2', 'Going down; try again soon'),
  timeout: closing(421, '4.4.2', 'Timeout'),
  tooManyErrors: closing(421, '4.7.0', 'Too many errors'),
  tooManyChores: closing(421, '4.7.0', 'Too many commands without a message'),
  tooManyMessages: closing(421, '4.7.0', 'Too many messages in one session; connect again'),
  tooManyLogins: closing(421, '4.7.0', 'Too many failed sign-ins'),
  badChunk: closing(501, '5.5.4', 'Expected BDAT size [LAST]'),
  notSmtp: closing(554, '5.5.1', 'This is a mail server'),
  strangerOnLmtp: closing(554, '5.7.1', 'Not for you'),
  earlyTalker: closing(554, '5.5.0', 'Wait for the greeting'),
} as const satisfies Record<string, Reply>

export function accepted(id: string): Reply {
  return reply(250, '2.0.0', `Accepted as ${id}`)
}

export function chunkTaken(octets: number): Reply {
  return reply(250, '2.0.0', `${octets} octets received`)
}

export function badSyntax(why: string): Reply {
  return reply(501, '5.5.4', why)
}

/** A bug, or a machine in trouble. The id leads to it in the log and tells strangers nothing. */
export function ownFault(id: string): Reply {
  return closing(421, '4.3.0', `Something went wrong here; it is in the log as ${id}`)
}

export function refusal(refused: Refused): Reply {
  return reply(refused.code, refused.status, refused.text)
}

const laterCodes: Record<LaterReason, readonly [code: number, status: string]> = {
  'disk-full': [452, '4.3.1'],
  damaged: [451, '4.3.0'],
  overloaded: [451, '4.3.2'],
  draining: [451, '4.3.2'],
  'not-there-yet': [451, '4.3.0'],
  unreachable: [451, '4.3.0'],
}

export function tryLater(later: TryLater): Reply {
  const [code, status] = laterCodes[later.reason]
  return reply(code, status, later.text)
}

/** RFC 5321 §4.5.3.1.5: 512 octets with the CRLF. */
const longestText = 480

/** The fixed replies, written out once. */
const rendered: ReadonlyMap<Reply, string> = new Map(
  Object.values<Reply>(replies).map((one) => [one, writeOut(one)]),
)

export function render(one: Reply): string {
  return rendered.get(one) ?? writeOut(one)
}

function writeOut({ code, status, text }: Reply): string {
  const lines = typeof text === 'string' ? [text] : text
  const last = lines.length - 1
  return lines
    .map((line, index) => {
      const printable = line.replace(/[\x00-\x1f\x7f]/g, ' ').slice(0, longestText)
      return `${code}${index === last ? ' ' : '-'}${status === undefined ? '' : `${status} `}${printable}\r\n`
    })
    .join('')
}
