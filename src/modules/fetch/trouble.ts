/**
 * `refused`: it does not help to come again soon, and may lock somebody out. `goes-on`: nothing is wrong, and there is more.
 */
type Weight = 'passing' | 'refused' | 'goes-on'

/** Why nothing more can be fetched now; the message is a sentence for people. Caught where a visit ends. */
export class Trouble extends Error {
  readonly weight: Weight

  constructor(text: string, weight: Weight = 'passing') {
    super(text)
    this.weight = weight
  }
}

/** What a stranger said, short enough and clean enough for a sentence of ours. */
function quoted(text: string | undefined): string {
  const clean = (text ?? '')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200)
  return clean === '' ? '' : `: “${clean}”`
}

interface At {
  readonly host: string
  readonly port: number
}

export const troubles = {
  unknownHost: (host: string) => new Trouble(`There is no server named ${host}.`),
  noAnswerOfNames: (host: string) =>
    new Trouble(`It cannot be found out at the moment where ${host} is. We try again.`),
  privateNetwork: (host: string) =>
    new Trouble(
      `${host} is in a private network. Whoever looks after this server can allow that with FETCH_NETWORKS.`,
      'refused',
    ),
  strangePort: (port: number) =>
    new Trouble(`Port ${port} is no port for IMAP or POP3. Usual are 993, 143, 995 and 110.`, 'refused'),
  ourselves: () => new Trouble('This is the very mailbox that the mail would go to.', 'refused'),
  unreachable: ({ host, port }: At) =>
    new Trouble(`${host} does not answer on port ${port}. Is the port right, and is the server up?`),
  silent: ({ host }: At) => new Trouble(`${host} took too long to answer. We try again.`),
  cut: ({ host }: At) => new Trouble(`${host} ended the connection midway. We try again.`),
  certificate: ({ host }: At, code: string) =>
    new Trouble(`The certificate of ${host} is not valid: ${certificateWords[code] ?? code}.`, 'refused'),
  noTls: ({ host, port }: At) =>
    new Trouble(
      `The connection to ${host} on port ${port} cannot be encrypted, so the password was not sent. Try TLS, and port 993 or 995.`,
      'refused',
    ),
  password: ({ host }: At, said: string | undefined) =>
    new Trouble(`${host} does not accept the user name or the password${quoted(said)}.`, 'refused'),
  unreadable: () =>
    new Trouble(
      'The password cannot be read any more, since SECRET_KEY has changed. Set it again.',
      'refused',
    ),
  folder: ({ host }: At, name: string) => new Trouble(`There is no folder “${name}” at ${host}.`, 'refused'),
  busy: ({ host }: At, said: string | undefined) =>
    new Trouble(`${host} asks us to come later${quoted(said)}.`),
  odd: ({ host }: At, protocol: string) =>
    new Trouble(`${host} does not answer as a server for ${protocol} should.`),
  numberless: ({ host }: At) =>
    new Trouble(
      `${host} does not number its messages, so it cannot be told which are new. Have them deleted there, or use IMAP.`,
      'refused',
    ),
  full: (user: string) =>
    new Trouble(`The mailbox of ${user} is full. What is there stays there until there is room.`),
  notNow: (text: string) => new Trouble(`No mail can be taken at the moment: ${text}`),
  refused: (text: string) => new Trouble(`The mail is not accepted here: ${text}`, 'refused'),
  long: () => new Trouble('There is much to fetch. It goes on at the next visit.', 'goes-on'),
  ending: () => new Trouble('The server is being stopped. It goes on when it is there again.', 'goes-on'),
}

/** Node's codes of what is wrong with a certificate. */
const certificateWords: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it signed itself, and nobody vouches for it',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody we know vouches for it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'nobody we know vouches for it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'nobody we know vouches for it',
}

/** What an error of a connection means; undefined where it is none of that. */
export function troubleOf(cause: unknown, at: At): Trouble | undefined {
  if (cause instanceof Trouble) return cause
  const code = codeOf(cause)
  if (code in certificateWords) return troubles.certificate(at, code)
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
