import type { ImapFlow } from 'imapflow'
import type { Job } from '../job.ts'
import type { Place } from '../reach.ts'
import { Trouble, troubleOf, troubles } from '../trouble.ts'

/** More in one answer is no mail server's. A piece of a message is at most 1 MiB. */
const mostLiteral = 2 * 1024 * 1024
const mostAnswer = 8 * 1024 * 1024
const patienceMs = 60_000

type Login = Pick<Job, 'tls' | 'username' | 'password'>

/** Signs in, at the first address that answers, and hangs up with the signal. RFC 9051 §6.2.3. */
export async function signIn(place: Place, login: Login, signal: AbortSignal): Promise<ImapFlow> {
  let last: unknown
  for (const address of place.addresses) {
    const client = await clientFor(place, address, login)
    signal.throwIfAborted()
    const hangUp = () => client.close()
    signal.addEventListener('abort', hangUp)
    client.on('close', () => signal.removeEventListener('abort', hangUp))
    try {
      await client.connect()
      return client
    } catch (cause) {
      client.close()
      const trouble = imapTrouble(cause, place)
      last = trouble
      if (!isUnreachable(cause)) throw trouble
    }
  }
  throw last ?? troubles.unreachable(place)
}

async function clientFor(place: Place, address: string, login: Login): Promise<ImapFlow> {
  const { ImapFlow: Client } = await import('imapflow')
  const { servername, port, isNear } = place
  const client = new Client({
    host: address,
    port,
    secure: login.tls,
    // What is named as ours may speak clear text; then it need not prove its name either.
    ...(!login.tls && !isNear && { doSTARTTLS: true }),
    ...(servername !== undefined && { servername }),
    tls: { rejectUnauthorized: login.tls || !isNear },
    auth: { user: login.username, pass: login.password },
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    connectionTimeout: patienceMs / 2,
    greetingTimeout: patienceMs / 2,
    socketTimeout: patienceMs,
    maxLineLength: mostAnswer,
    maxLiteralSize: mostLiteral,
    maxResponseSize: mostAnswer,
    maxResponseTokens: 100_000,
  })
  // Whoever waits for an answer hears of it there.
  client.on('error', () => undefined)
  return client
}

const isUnreachable = (cause: unknown) =>
  cause instanceof Error && 'code' in cause && /^(?:ECONN|EHOST|ENET|CONNECT_)/.test(String(cause.code))

interface ImapFailure {
  readonly authenticationFailed?: boolean
  readonly tlsFailed?: boolean
  readonly responseText?: string
  readonly serverResponseCode?: string
}

/** What an error of the client means. */
export function imapTrouble(cause: unknown, place: Place): Trouble {
  if (cause instanceof Trouble) return cause
  const known = troubleOf(cause, place)
  if (known) return known
  const { authenticationFailed, tlsFailed, responseText, serverResponseCode } = cause as ImapFailure
  // RFC 5530 §3.
  if (/^(?:UNAVAILABLE|LIMIT|INUSE|SERVERBUG)$/.test(serverResponseCode ?? ''))
    return troubles.busy(place, responseText)
  if (authenticationFailed) return troubles.password(place, responseText)
  if (tlsFailed) return troubles.noTls(place)
  if (responseText !== undefined) return troubles.busy(place, responseText)
  return troubles.odd(place, 'IMAP')
}
