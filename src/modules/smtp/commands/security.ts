import { randomBytes } from 'node:crypto'
import { type BearerMechanism, bearerExchange } from '../../../lib/bearer.ts'
import {
  type Ask,
  type Credentials,
  decodeBase64,
  loginExchange,
  plainExchange,
  scramExchange,
} from '../../../lib/sasl.ts'
import type { LoginVerdict, ScramAttempt } from '../../../ports/credentials.ts'
import { type Answer, command, everywhere } from '../command.ts'
import { type AuthArguments, authArguments, nothing } from '../grammar/arguments.ts'
import { mayAuthenticate, mechanisms } from '../profile.ts'
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
    return await exchange(session, args)
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

/** Undefined where the client went away. */
async function exchange(session: Session, { mechanism, initial }: AuthArguments): Promise<Reply | undefined> {
  const ask = asker(session, initial)
  switch (mechanism) {
    case 'PLAIN':
      return await withPassword(session, await plainExchange(ask))
    case 'LOGIN':
      return await withPassword(session, await loginExchange(ask))
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-256-PLUS':
      return await scram(session, ask, mechanism)
    case 'OAUTHBEARER':
    case 'XOAUTH2':
      return await bearer(session, ask, mechanism)
    default:
      return replies.mechanismUnknown
  }
}

type Stopped = Reply | undefined

/** Challenges of a SASL exchange; the first is answered by what the client sent with the command. */
function asker(session: Session, initial: string | undefined): Ask<Stopped> {
  let given = initial
  return async (challenge) => {
    const answer = given ?? (await answerTo(session, challenge))
    given = undefined
    if (typeof answer !== 'string') return answer
    return decodeBase64(answer) ?? replies.badBase64
  }
}

async function answerTo(session: Session, challenge: string): Promise<string | Stopped> {
  const text = Buffer.from(challenge).toString('base64')
  const line = await session.ask({ code: 334, status: undefined, text })
  if (line === undefined) return undefined
  if (line === 'too-long') return replies.authLineTooLong
  const answer = line.toString('latin1')
  return answer === '*' ? replies.authCancelled : answer
}

async function withPassword(
  session: Session,
  given: Credentials | Stopped | 'malformed',
): Promise<Reply | undefined> {
  if (given === 'malformed') return replies.badBase64
  if (!given || 'code' in given) return given
  return judged(session, await session.server.credentials.verify({ ...attemptOf(session), ...given }))
}

/** RFC 5802, RFC 7677. */
async function scram(session: Session, ask: Ask<Stopped>, mechanism: string): Promise<Reply | undefined> {
  const { connection, server, facts } = session
  const offered = mechanisms(facts)
  if (!offered.includes(mechanism)) return replies.mechanismUnknown
  const attempt = (login: string): ScramAttempt => ({ ...attemptOf(session), login })
  const outcome = await scramExchange(
    ask,
    {
      nonce: randomBytes(18).toString('base64'),
      begin: (login) => server.scram.begin(attempt(login)),
      finish: (login, answer) => server.scram.finish({ ...attempt(login), ...answer }),
    },
    {
      isBound: mechanism === 'SCRAM-SHA-256-PLUS',
      mayBind: offered.includes('SCRAM-SHA-256-PLUS'),
      bindingOf: (type) => connection.channelBinding(type),
    },
  )
  if (outcome === 'malformed') return replies.badBase64
  return !outcome || 'code' in outcome ? outcome : judged(session, outcome)
}

/** RFC 7628, and what was before it. */
async function bearer(
  session: Session,
  ask: Ask<Stopped>,
  mechanism: BearerMechanism,
): Promise<Reply | undefined> {
  const outcome = await bearerExchange(ask, mechanism, ({ login, token }) =>
    session.server.credentials.verify({ ...attemptOf(session), login, password: token, bearer: true }),
  )
  if (outcome === 'malformed') return replies.badBase64
  return !outcome || 'code' in outcome ? outcome : judged(session, outcome)
}

const attemptOf = ({ connection }: Session) => ({
  service: 'smtp' as const,
  ip: connection.ip,
  connection: connection.id,
})

function judged(session: Session, verdict: LoginVerdict): Reply {
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
