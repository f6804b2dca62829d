import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { Decoder } from './decoder.ts'
import { type FetchItem, fetchAttributes } from './fetch-items.ts'
import { mailboxNameOnWire } from './mailbox-name.ts'
import { octetsOf } from './text.ts'

/** An IMAP URL that names a message or a part of one. RFC 5092 §6. */
export interface ImapUrl {
  /** Undefined where the URL is relative: of this server, and of this user. */
  readonly host: string | undefined
  readonly user: string | undefined
  /** Undefined: the selected one. RFC 5092 §7. */
  readonly mailbox: string | undefined
  readonly uidValidity: number | undefined
  readonly uid: number
  readonly section: Extract<FetchItem, { kind: 'section' }>
}

const form = new RegExp(
  [
    '^(?:imap://(?:(?<user>[^@/;]*)(?:;AUTH=[^@/;]*)?@)?(?<host>[^/;?]+)(?=/))?',
    '(?:/(?<mailbox>[^;?]+?)(?:;UIDVALIDITY=(?<uidValidity>[1-9][0-9]{0,9}))?/)?;UID=(?<uid>[1-9][0-9]{0,9})',
    '(?:/;SECTION=(?<section>[^;?]+?))?',
    '(?:/;PARTIAL=(?<from>[0-9]{1,15})(?:\\.(?<octets>[1-9][0-9]{0,14}))?)?$',
  ].join(''),
  'i',
)

/** Undefined where it is none, or names no message. */
export function parseImapUrl(text: string): ImapUrl | undefined {
  const parts = form.exec(text)?.groups
  if (!parts) return undefined
  const { user, host, mailbox, uidValidity, uid = '', section = '', from, octets } = parts
  try {
    const name =
      mailbox === undefined ? undefined : mailboxNameOnWire.readUtf8(octetsOf(decodeURIComponent(mailbox)))
    return {
      host: host?.replace(/:[0-9]*$/, '').toLowerCase(),
      user: user === undefined ? undefined : decodeURIComponent(user),
      mailbox: name,
      uidValidity: uidValidity === undefined ? undefined : Number(uidValidity),
      uid: Number(uid),
      section: sectionOf(decodeURIComponent(section), partialOf(from, octets)),
    }
  } catch (error) {
    if (error instanceof BadSyntax || error instanceof URIError) return undefined
    throw error
  }
}

/** The same sections as FETCH has. */
function sectionOf(text: string, partial: string): ImapUrl['section'] {
  const d = new Decoder(`(BODY.PEEK[${text}]${partial})`)
  const [item, ...more] = fetchAttributes(d)
  d.end()
  return item?.kind === 'section' && more.length === 0 ? item : d.fail('section', 0)
}

/** `<0.100>`; without a length up to the end, however far that is. */
function partialOf(from: string | undefined, octets = String(Number.MAX_SAFE_INTEGER)): string {
  return from === undefined ? '' : `<${from}.${octets}>`
}
