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

type Cause = keyof typeof fetchTexts

export const sentence = (what: Cause, values: TextValues = {}): Sentence => ({
  text: filled(fetchTexts[what], values),
  said: { key: keyOf(what), values },
})

const keyOf = (what: Cause) => `fetch.${what}`

const refusals: readonly Cause[] = [
  ...(['private', 'port', 'ourselves', 'expired', 'not-yet', 'other-name', 'unvouched', 'no-tls'] as const),
  ...(['password', 'unreadable', 'folder', 'numberless', 'refused'] as const),
]
const weights: ReadonlyMap<string, Weight> = new Map<string, Weight>([
  ...refusals.map((what) => [keyOf(what), 'refused'] as const),
  [keyOf('long'), 'goes-on'],
  [keyOf('ending'), 'goes-on'],
])

/** Of what was noted by its key. */
export const weightOf = ({ key }: Said): Weight => weights.get(key) ?? 'passing'

/** Why nothing more can be fetched now. Caught where a visit ends. */
export class Trouble extends Error {
  readonly said: Said

  constructor(what: Cause, values?: TextValues) {
    const { text, said } = sentence(what, values)
    super(text)
    this.said = said
  }

  get weight(): Weight {
    return weightOf(this.said)
  }
}

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
  unknownHost: (host: string) => new Trouble('unknown-host', { host }),
  noAnswerOfNames: (host: string) => new Trouble('no-names', { host }),
  privateNetwork: (host: string) => new Trouble('private', { host }),
  strangePort: (port: number) => new Trouble('port', { port: String(port) }),
  ourselves: () => new Trouble('ourselves'),
  unreachable: ({ host, port }: At) => new Trouble('unreachable', { host, port: String(port) }),
  silent: ({ host }: At) => new Trouble('silent', { host }),
  cut: ({ host }: At) => new Trouble('cut', { host }),
  noTls: ({ host, port }: At) => new Trouble('no-tls', { host, port: String(port) }),
  password: ({ host }: At, said: string | undefined) => new Trouble('password', { host, said: quoted(said) }),
  unreadable: () => new Trouble('unreadable'),
  folder: ({ host }: At, folder: string) => new Trouble('folder', { host, folder }),
  busy: ({ host }: At, said: string | undefined) => new Trouble('busy', { host, said: quoted(said) }),
  odd: ({ host }: At, protocol: string) => new Trouble('odd', { host, protocol }),
  numberless: ({ host }: At) => new Trouble('numberless', { host }),
  full: (user: string) => new Trouble('full', { user }),
  notNow: (said: string) => new Trouble('not-now', { said }),
  refused: (said: string) => new Trouble('refused', { said }),
  long: () => new Trouble('long'),
  ending: () => new Trouble('ending'),
  undeleted: () => new Trouble('undeleted'),
  fault: () => new Trouble('fault'),
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
  if (invalid) return new Trouble(invalid, { host: at.host })
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
