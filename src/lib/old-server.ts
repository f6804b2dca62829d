import { isIP } from 'node:net'
import { type Address, localPartOf, parseDomain } from './address.ts'

/** A server that still has somebody's mail, and how it is spoken to. */
export interface OldServer {
  /** A host name or an IP address. */
  readonly host: string
  /** Undefined: nobody is led there by that protocol. */
  readonly imap: OldDoor | undefined
  readonly pop3: OldDoor | undefined
  readonly submission: OldDoor | undefined
  /** Where mail that arrives for its people goes. */
  readonly smtpPort: number
  /** Who people are there: `%u` is the address, `%n` what stands in front of its `@`. */
  readonly login: string
  /** Whether a certificate is asked for that bears the host's name and leads to an authority. */
  readonly certificate: 'verified' | 'any'
}

export interface OldDoor {
  readonly port: number
  readonly tls: 'implicit' | 'starttls' | 'none'
}

/** What a user has in the place of an old server whose mail is here, whatever the domain says. */
export const here = 'here'

export type OldService = 'imap' | 'pop3' | 'submission'

export const oldServerExpected =
  'a host, and where it differs from the usual imap=993, pop3=995, submission=465 (each also 143, starttls:PORT or off), smtp=25, login=%u (%n is the local part), tls=verified (or unverified, none)'

const starttlsPorts = new Set([143, 110, 587])
const standard = { imap: '993', pop3: '995', submission: '465', smtp: '25', login: '%u', tls: 'verified' }
const trusts = ['verified', 'unverified', 'none']

/** Reads the text in which the directory has an old server; undefined where it is none. */
export function parseOldServer(text: string): OldServer | undefined {
  const [name = '', ...words] = text.trim().split(/\s+/)
  const host = isIP(name) === 0 ? parseDomain(name) : name
  const said = words.map((word) => word.split(/=(.*)/s, 2) as [string, string | undefined])
  const isKnown = said.every(([key, value]) => Object.hasOwn(standard, key) && value !== undefined)
  if (host === undefined || !isKnown || new Set(said.map(([key]) => key)).size < said.length) return undefined
  const { imap, pop3, submission, smtp, login, tls } = { ...standard, ...Object.fromEntries(said) }
  const isPlain = tls === 'none'
  const doors = [imap, pop3, submission].map((value) => readDoor(value, isPlain))
  const smtpPort = readPort(smtp)
  const isLogin = /^[\x21-\x7e]{1,254}$/.test(login)
  if (doors.includes('nothing') || smtpPort === undefined || !trusts.includes(tls) || !isLogin)
    return undefined
  const [toImap, toPop3, toSubmission] = doors.map((door) => (typeof door === 'string' ? undefined : door))
  return {
    host,
    imap: toImap,
    pop3: toPop3,
    submission: toSubmission,
    smtpPort,
    login,
    certificate: tls === 'verified' ? 'verified' : 'any',
  }
}

/** Who somebody is on his old server. */
export function oldLogin({ login }: Pick<OldServer, 'login'>, address: Address): string {
  return login.replaceAll('%u', address).replaceAll('%n', localPartOf(address))
}

/** RFC 8314 §3: TLS from the first octet, but for the ports of STARTTLS. */
function readDoor(text: string, isPlain: boolean): OldDoor | 'off' | 'nothing' {
  if (text === 'off') return 'off'
  const [, starttls, digits = ''] = /^(starttls:)?(\d{1,5})$/.exec(text) ?? []
  const port = readPort(digits)
  if (port === undefined) return 'nothing'
  if (isPlain) return { port, tls: 'none' }
  return { port, tls: starttls !== undefined || starttlsPorts.has(port) ? 'starttls' : 'implicit' }
}

function readPort(digits: string): number | undefined {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0
  return port > 0 && port <= 65_535 ? port : undefined
}
