import { filled, type Said, type TextValues } from '../../lib/filled-text.ts'
import { fetchTexts } from './trouble-texts.ts'

/**
 * `refused`: it does not help to come again soon, and may lock somebody out. `goes-on`: nothing is wrong, and there is more.
 */
type Weight = 'passing' | 'refused' | 'goes-on'

/** A sentence for people, and what it is by its key. */
export interface Sentence {
  readonly text: string
  readonly said: Said
}

export const sentence = (what: keyof typeof fetchTexts, values: TextValues = {}): Sentence => ({
  text: filled(fetchTexts[what], values),
  said: { key: `fetch.${what}`, values },
})

/** Why nothing more can be fetched now. Caught where a visit ends. */
export class Trouble extends Error {
  readonly weight: Weight
  readonly said: Said

  constructor({ text, said }: Sentence, weight: Weight = 'passing') {
    super(text)
    this.weight = weight
    this.said = said
  }
}

const trouble = (what: keyof typeof fetchTexts, values?: TextValues) => new Trouble(sentence(what, values))
const refusal = (what: keyof typeof fetchTexts, values?: TextValues) =>
  new Trouble(sentence(what, values), 'refused')

/** What a stranger said, short enough and clean enough to stand behind a sentence of ours. */
function quoted(text: string | undefined): string {
  const clean = (text ?? '')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200)
  return clean === '' ? '' : `“${clean}”`
}

interface At {
  readonly host: string
  readonly port: number
}

export const troubles = {
  unknownHost: (host: string) => trouble('unknown-host', { host }),
  noAnswerOfNames: (host: string) => trouble('no-names', { host }),
  privateNetwork: (host: string) => refusal('private', { host }),
  strangePort: (port: number) => refusal('port', { port: String(port) }),
  ourselves: () => refusal('ourselves'),
  unreachable: ({ host, port }: At) => trouble('unreachable', { host, port: String(port) }),
  silent: ({ host }: At) => trouble('silent', { host }),
  cut: ({ host }: At) => trouble('cut', { host }),
  noTls: ({ host, port }: At) => refusal('no-tls', { host, port: String(port) }),
  password: ({ host }: At, said: string | undefined) => refusal('password', { host, said: quoted(said) }),
  unreadable: () => refusal('unreadable'),
  folder: ({ host }: At, folder: string) => refusal('folder', { host, folder }),
  busy: ({ host }: At, said: string | undefined) => trouble('busy', { host, said: quoted(said) }),
  odd: ({ host }: At, protocol: string) => trouble('odd', { host, protocol }),
  numberless: ({ host }: At) => refusal('numberless', { host }),
  full: (user: string) => trouble('full', { user }),
  notNow: (said: string) => trouble('not-now', { said }),
  refused: (said: string) => refusal('refused', { said }),
  long: () => new Trouble(sentence('long'), 'goes-on'),
  ending: () => new Trouble(sentence('ending'), 'goes-on'),
  undeleted: () => trouble('undeleted'),
  fault: () => trouble('fault'),
}

/** Node's codes of what is wrong with a certificate. */
const certificateTroubles: Readonly<Record<string, keyof typeof fetchTexts>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other-name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unvouched',
  SELF_SIGNED_CERT_IN_CHAIN: 'unvouched',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unvouched',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unvouched',
}

/** What an error of a connection means; undefined where it is none of that. */
export function troubleOf(cause: unknown, at: At): Trouble | undefined {
  if (cause instanceof Trouble) return cause
  const code = codeOf(cause)
  const invalid = certificateTroubles[code]
  if (invalid) return refusal(invalid, { host: at.host })
  if (/^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|CONNECT_TIMEOUT|EACCES)$/.test(code))
    return troubles.unreachable(at)
  if (/^(?:ETIMEDOUT|ETIMEOUT|GREETING_TIMEOUT|UPGRADE_TIMEOUT)$/.test(code)) return troubles.silent(at)
  if (/^(?:ECONNRESET|EPIPE|NoConnection|EConnectionClosed|StateLogout|ClosedAfter\w+)$/.test(code))
    return troubles.cut(at)
  // Whoever speaks no TLS on that port.
  if (/^(?:ERR_SSL_|EPROTO)/.test(code)) return troubles.noTls(at)
  return undefined
}

function codeOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
}
