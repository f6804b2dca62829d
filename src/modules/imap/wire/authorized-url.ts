import { type ImapUrl, parseImapUrl } from './imap-url.ts'

/** Who may use a URL. RFC 4467 §3. */
type UrlAccess =
  | { readonly kind: 'anonymous' | 'authuser' }
  /** `submit`: a submission server, for that user. */
  | { readonly kind: 'submit' | 'user'; readonly who: string }

/** A URL that its owner lets others use. RFC 4467 §2, RFC 5092 §6.1. */
export interface AuthorizedUrl {
  readonly target: ImapUrl
  /** UTC milliseconds; undefined is never. */
  readonly expires: number | undefined
  readonly access: UrlAccess
  /** All that is signed, as it was written. */
  readonly rump: string
  /** Undefined: not signed yet. */
  readonly proof: { readonly mechanism: string; readonly token: string } | undefined
}

const form =
  /^(?<rump>(?<target>imap:\/\/.+?)(?:;EXPIRE=(?<expires>[^;]+))?;URLAUTH=(?<access>anonymous|authuser|(?:submit|user)\+[^:;]+))(?::(?<mechanism>[A-Za-z0-9.-]{1,64}):(?<token>[0-9A-Fa-f]{32,256}))?$/i
// RFC 3339 §5.6
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i
/** What a quoted string carries as it stands. */
const plain = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** Undefined where it is none. */
export function parseAuthorizedUrl(text: string): AuthorizedUrl | undefined {
  const parts = plain.test(text) ? form.exec(text)?.groups : undefined
  if (!parts) return undefined
  const { rump = '', target: base = '', expires, access = '', mechanism, token } = parts
  const target = parseImapUrl(base)
  const until = expires === undefined ? undefined : momentOf(expires)
  const who = accessOf(access)
  // RFC 4467 §3: nothing is left for the reader to guess.
  if (!target?.host || target.user === undefined || target.mailbox === undefined || !who) return undefined
  if (Number.isNaN(until)) return undefined
  const proof = mechanism === undefined || token === undefined ? undefined : { mechanism, token }
  return { target, expires: until, access: who, rump, proof }
}

function momentOf(text: string): number {
  return dateTime.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN
}

function accessOf(text: string): UrlAccess | undefined {
  const [kind = '', who] = text.split('+', 2).map((part, at) => (at === 0 ? part.toLowerCase() : part))
  if (kind === 'anonymous' || kind === 'authuser') return { kind }
  if (kind !== 'submit' && kind !== 'user') return undefined
  try {
    return { kind, who: decodeURIComponent(who ?? '') }
  } catch {
    return undefined
  }
}
