import { type NamedAddress, oneMailbox } from './addresses.ts'

/** What a mailto URI asks for. RFC 6068 §2, RFC 5436 §2.3. */
export interface Mailto {
  readonly to: readonly NamedAddress[]
  readonly cc: readonly NamedAddress[]
  readonly bcc: readonly NamedAddress[]
  readonly subject: string | undefined
  readonly body: string | undefined
  readonly fields: readonly (readonly [string, string])[]
}

export type ReadMailto =
  | { readonly kind: 'mailto'; readonly mailto: Mailto }
  | { readonly kind: 'wrong'; readonly message: string }

/** Fields that a notification has of its own, or that would let it pass for another message. RFC 5436 §2.3. */
const ignored = new Set([
  ...[
    'from',
    'sender',
    'reply-to',
    'date',
    'message-id',
    'received',
    'return-path',
    'auto-submitted',
    'to',
    'cc',
    'bcc',
  ],
  ...[
    'subject',
    'body',
    'mime-version',
    'in-reply-to',
    'references',
    'x-priority',
    'importance',
    'priority',
    'x-sieve',
  ],
])

const mostRecipients = 8

export function readMailto(uri: string): ReadMailto {
  const match = /^mailto:([^?#]*)(?:\?([^#]*))?$/i.exec(uri)
  if (match === null)
    return wrong(
      /^mailto:/i.test(uri)
        ? 'the mailto URI is malformed'
        : `the method of '${uri.slice(0, 40)}' is not known`,
    )
  const path = decode(match[1] ?? '')
  const pairs = pairsOf(match[2])
  if (path === undefined || pairs === undefined) return wrong('the mailto URI is malformed')
  // an escaped comma parts addresses as well, as RFC 2368 §2 had it
  const to = [...addressesIn(path), ...valuesOf(pairs, 'to')]
  const [cc, bcc] = [valuesOf(pairs, 'cc'), valuesOf(pairs, 'bcc')]
  const all = [...to, ...cc, ...bcc]
  const invalid = all.find((text) => text.includes(';') || oneMailbox(text) === undefined)
  if (invalid !== undefined) return wrong(`'${invalid}' in the mailto URI is no address`)
  if (all.length > mostRecipients) return wrong(`the mailto URI names more than ${mostRecipients} recipients`)
  const last = (name: string) => pairs.findLast(([key]) => key === name)?.[1]
  return {
    kind: 'mailto',
    mailto: {
      to: to.flatMap(named),
      cc: cc.flatMap(named),
      bcc: bcc.flatMap(named),
      subject: last('subject'),
      body: last('body'),
      fields: pairs.filter(
        ([name]) => !ignored.has(name) && !name.startsWith('content-') && !name.startsWith('resent-'),
      ),
    },
  }
}

const wrong = (message: string): ReadMailto => ({ kind: 'wrong', message })
const named = (text: string) => oneMailbox(text) ?? []

function addressesIn(path: string): string[] {
  return path
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
}

function valuesOf(pairs: readonly (readonly [string, string])[], name: string): string[] {
  return pairs
    .filter(([key]) => key === name)
    .flatMap(([, value]) => value.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '')
}

/** Undefined where a name cannot be one of a header field, or the escapes are broken. */
function pairsOf(query: string | undefined): (readonly [string, string])[] | undefined {
  if (query === undefined || query === '') return []
  const pairs: (readonly [string, string])[] = []
  for (const piece of query.split('&')) {
    const equals = piece.indexOf('=')
    const name = decode(piece.slice(0, Math.max(0, equals)))?.toLowerCase()
    const value = decode(piece.slice(equals + 1))
    if (equals < 1 || name === undefined || value === undefined || !/^[\x21-\x39\x3b-\x7e]+$/.test(name))
      return undefined
    pairs.push([name, value])
  }
  return pairs
}

function decode(text: string): string | undefined {
  // RFC 3986: what is neither reserved nor unreserved has to be escaped
  if (/[\0-\x20"<>\\^`{|}\x7f-\uffff]/.test(text)) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // a broken escape
  }
}
