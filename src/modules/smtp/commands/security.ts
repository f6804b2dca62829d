import { decodeBase64, plainCredentials, textOf } from '../../../lib/sasl.ts'
import type { LoginVerdict } from '../../../ports/credentials.ts'
import { type Answer, command, everywhere } from '../command.ts'
import { type AuthArguments, authArguments, nothing } from '../grammar/arguments.ts'
import { mayAuthenticate } from '../profile.ts'
import { type Reply, replies, tryLater } from '../reply.ts'
import type { Session } from '../session.ts'

/** RFC 3207. */
export const startTls = command({
  on: everywhere,
  states: ['fresh', 'ready'],
  isChore: false,
  parse: nothing,
  run: async (session): Promise<Answer> => {
    if (session.connection.tls) return replies.tlsAlready
    if (!session.connection.mayStartTls) return replies.notOffered
    await session.startTls(replies.startTls)
    return undefined
  },
})

/** RFC 4954 §4. */
export const auth = command({
  on: everywhere,
  states: ['fresh', 'ready', 'open', 'addressed'],
  isChore: true,
  parse: authArguments,
  run: async (session, args): Promise<Answer> => {
    if (session.via !== 'submission') return refuseHere(session)
    if (!session.hello) return replies.helloFirst
    if (session.transaction) return replies.inTransaction
    if (session.login) return replies.signedInAlready
    if (!mayAuthenticate(session.facts))
      return session.connection.mayStartTls ? replies.tlsFirst : replies.encryptionForAuth
    const credentials = await exchange(session, args)
    if (!credentials) return undefined
    return 'code' in credentials ? credentials : signIn(session, credentials)
  },
})

/**
 * Nobody signs in where mail arrives; who tries is looking for a way in. The empty attempt is one strike against their
 * network, and what they sent is not looked at.
 */
async function refuseHere(session: Session): Promise<Reply> {
  const { connection, server } = session
  session.log.info('smtp.auth-refused', { ip: connection.ip })
  if (!session.isTrusted) {
    const attempt = {
      login: '',
      password: '',
      service: 'smtp',
      ip: connection.ip,
      connection: connection.id,
    } as const
    await server.credentials.verify(attempt)
  }
  return replies.notOffered
}

interface Credentials {
  readonly login: string
  readonly password: string
}

/** Undefined where the client went away. */
async function exchange(
  session: Session,
  { mechanism, initial }: AuthArguments,
): Promise<Credentials | Reply | undefined> {
  switch (mechanism) {
    case 'PLAIN':
      return exchangePlain(session, initial)
    case 'LOGIN':
      return exchangeLogin(session, initial)
    default:
      return replies.mechanismUnknown
  }
}

async function exchangePlain(
  session: Session,
  initial: string | undefined,
): Promise<Credentials | Reply | undefined> {
  const response = initial === undefined ? await askBase64(session, '') : taken(initial)
  if (!response || 'code' in response) return response
  return plainCredentials(response.bytes) ?? replies.badBase64
}

/** draft-murchison-sasl-login: never a standard, and what Outlook speaks. */
async function exchangeLogin(
  session: Session,
  initial: string | undefined,
): Promise<Credentials | Reply | undefined> {
  const login = initial === undefined ? await askBase64(session, 'Username:') : taken(initial)
  if (!login || 'code' in login) return login
  const password = await askBase64(session, 'Password:')
  if (!password || 'code' in password) return password
  return { login: textOf(login.bytes), password: textOf(password.bytes) }
}

type Response = { readonly bytes: Buffer } | Reply

async function askBase64(session: Session, challenge: string): Promise<Response | undefined> {
  const line = await session.ask({
    code: 334,
    status: undefined,
    text: Buffer.from(challenge).toString('base64'),
  })
  if (line === undefined) return undefined
  if (line === 'too-long') return replies.authLineTooLong
  const text = line.toString('latin1')
  return text === '*' ? replies.authCancelled : taken(text)
}

function taken(base64: string): Response {
  const bytes = decodeBase64(base64)
  return bytes ? { bytes } : replies.badBase64
}

async function signIn(session: Session, { login, password }: Credentials): Promise<Reply> {
  const { connection, server } = session
  const attempt = { login, password, service: 'smtp', ip: connection.ip, connection: connection.id } as const
  const verdict: LoginVerdict = await server.credentials.verify(attempt)
  switch (verdict.kind) {
    case 'accepted':
      session.login = { account: verdict.account, address: verdict.address }
      return replies.signedIn
    case 'refused':
      return failed(session, replies.credentialsInvalid)
    case 'throttled':
      return failed(session, replies.throttled)
    case 'later':
      return tryLater(verdict)
  }
}

function failed(session: Session, reply: Reply): Reply {
  session.failedLogins++
  if (session.failedLogins < session.server.limits.failedLogins) return reply
  session.say(reply)
  return replies.tooManyLogins
}
