import type { Scanner } from '../../../lib/scanner.ts'
import { decodeUtf8Xtext, decodeXtext } from './xtext.ts'

/** What may follow MAIL FROM:<path>. `used` names all keywords given, known or not, in capitals. */
export interface MailParameters {
  readonly used: readonly string[]
  /** RFC 1870; 0 where nothing was announced. */
  readonly size: number
  /** RFC 6152, RFC 3030. */
  readonly body: '7BIT' | '8BITMIME' | 'BINARYMIME'
  /** RFC 6531. */
  readonly smtpUtf8: boolean
  /** RFC 8689. */
  readonly requireTls: boolean
  /** RFC 3461 §4.3. */
  readonly returnContent: 'full' | 'headers' | undefined
  /** RFC 4865 §4: seconds from now, or an instant in UTC milliseconds. */
  readonly hold: { readonly seconds: number } | { readonly until: number } | undefined
  /** RFC 3461 §4.4, decoded. */
  readonly envelopeId: string | undefined
}

type Notify = 'success' | 'failure' | 'delay' | 'never'

export interface RcptParameters {
  readonly used: readonly string[]
  /** RFC 3461 §4.1. */
  readonly notify: readonly Notify[] | undefined
  /** RFC 3461 §4.2: `rfc822;ann@home.test`, decoded. */
  readonly originalRecipient: string | undefined
}

type Given = ReadonlyMap<string, string | undefined>

const mostParameters = 20
const keyword = /[A-Za-z0-9][A-Za-z0-9-]*/y
const value = /=[^\x00-\x20=\x7f]+/y

/** `*(SP esmtp-param)`, RFC 5321 §4.1.2. */
function esmtpParameters(d: Scanner): Given {
  const given = new Map<string, string | undefined>()
  while (!d.blanks().atEnd) {
    const name = d.take(keyword)?.toUpperCase() ?? d.fail('Expected a parameter')
    if (given.has(name)) d.fail(`${name} twice`)
    if (given.size >= mostParameters) d.fail('Too many parameters')
    given.set(name, d.take(value)?.slice(1))
  }
  return given
}

export function mailParameters(d: Scanner): MailParameters {
  const given = esmtpParameters(d)
  // RFC 4954 §5: what the client knows about the author is read and not believed.
  if (given.has('AUTH')) decodeXtext(needed(given, 'AUTH', d), d)
  return {
    used: [...given.keys()],
    size: given.has('SIZE') ? size(needed(given, 'SIZE', d), d) : 0,
    body: given.has('BODY') ? body(needed(given, 'BODY', d), d) : '7BIT',
    smtpUtf8: flag(given, 'SMTPUTF8', d),
    requireTls: flag(given, 'REQUIRETLS', d),
    returnContent: given.has('RET') ? returnContent(needed(given, 'RET', d), d) : undefined,
    hold: hold(given, d),
    envelopeId: given.has('ENVID') ? envelopeId(needed(given, 'ENVID', d), d) : undefined,
  }
}

export function rcptParameters(d: Scanner): RcptParameters {
  const given = esmtpParameters(d)
  return {
    used: [...given.keys()],
    notify: given.has('NOTIFY') ? notify(needed(given, 'NOTIFY', d), d) : undefined,
    originalRecipient: given.has('ORCPT') ? originalRecipient(needed(given, 'ORCPT', d), d) : undefined,
  }
}

function needed(given: Given, name: string, d: Scanner): string {
  return given.get(name) ?? d.fail(`${name} needs a value`)
}

function flag(given: Given, name: string, d: Scanner): boolean {
  if (given.get(name) !== undefined) d.fail(`${name} takes no value`)
  return given.has(name)
}

/** RFC 1870 §6.1: up to 20 digits. */
function size(text: string, d: Scanner): number {
  return /^\d{1,20}$/.test(text) ? Number(text) : d.fail('SIZE is a number')
}

function body(text: string, d: Scanner): MailParameters['body'] {
  const name = text.toUpperCase()
  if (name === '7BIT' || name === '8BITMIME' || name === 'BINARYMIME') return name
  return d.fail('BODY is 7BIT, 8BITMIME or BINARYMIME')
}

/** RFC 4865 §4: one of the two. */
function hold(given: Given, d: Scanner): MailParameters['hold'] {
  if (given.has('HOLDFOR') && given.has('HOLDUNTIL')) d.fail('HOLDFOR or HOLDUNTIL, not both')
  if (given.has('HOLDFOR')) {
    const text = needed(given, 'HOLDFOR', d)
    return { seconds: /^[1-9]\d{0,8}$/.test(text) ? Number(text) : d.fail('HOLDFOR is a number of seconds') }
  }
  if (!given.has('HOLDUNTIL')) return undefined
  // An internet date and time, in UTC.
  const text = needed(given, 'HOLDUNTIL', d).toUpperCase()
  const isDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)
  const until = isDate ? Date.parse(text) : Number.NaN
  return Number.isNaN(until) ? d.fail('HOLDUNTIL is a date and time in UTC') : { until }
}

function returnContent(text: string, d: Scanner): 'full' | 'headers' {
  if (text.toUpperCase() === 'FULL') return 'full'
  return text.toUpperCase() === 'HDRS' ? 'headers' : d.fail('RET is FULL or HDRS')
}

/** RFC 3461 §4.4: at most 100 characters of xtext that stand for printable ones. */
function envelopeId(text: string, d: Scanner): string {
  const id = decodeXtext(text, d)
  return text.length <= 100 && /^[ -~]*$/.test(id) ? id : d.fail('ENVID is too long or not printable')
}

/** RFC 3461 §4.1: NEVER stands alone. */
function notify(text: string, d: Scanner): readonly Notify[] {
  const words = text.toLowerCase().split(',')
  if (words.length === 1 && words[0] === 'never') return ['never']
  return words.map((word) =>
    word === 'success' || word === 'failure' || word === 'delay'
      ? word
      : d.fail(`NOTIFY does not know ${word}`),
  )
}

function originalRecipient(text: string, d: Scanner): string {
  const [, type = '', address = ''] =
    /^([A-Za-z0-9-]{1,40});(.{1,500})$/u.exec(text) ?? d.fail('ORCPT is type;address')
  const decoded = type.toLowerCase() === 'utf-8' ? decodeUtf8Xtext(address, d) : decodeXtext(address, d)
  // It goes into a header one day.
  return /[\x00-\x1f\x7f]/.test(decoded)
    ? d.fail('ORCPT is not printable')
    : `${type.toLowerCase()};${decoded}`
}
