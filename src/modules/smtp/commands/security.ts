import { saslAsker, saslSignIn } from '../../../platform/wire/sasl-sign-in.ts'
import type { LoginVerdict, Refused } from '../../../ports/credentials.ts'
import type { OldSignIn } from '../../../ports/old-servers.ts'
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

type Stopped = Reply | undefined

/** Undefined where the client went away. */
async function exchange(session: Session, { mechanism, initial }: AuthArguments): Promise<Stopped> {
  const { connection, server, facts } = session
  const { credentials, scram } = server
  const ask = saslAsker<Stopped>(initial, (challenge) => answerTo(session, challenge), replies.badBase64)
  const attempt = { service: 'smtp', ip: connection.ip, connection: connection.id } as const
  const signingIn = { attempt, connection, credentials, scram, offered: mechanisms(facts) }
  const end = await saslSignIn(mechanism, ask, signingIn)
  switch (end.kind) {
    case 'not-offered':
      return replies.mechanismUnknown
    case 'malformed':
      return replies.badBase64
    case 'stopped':
      return end.by
    case 'judged':
      return await judged(session, end.verdict)
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

async function judged(session: Session, verdict: LoginVerdict): Promise<Stopped> {
  switch (verdict.kind) {
    case 'accepted':
      if (verdict.elsewhere) return await leadElsewhere(session, verdict.elsewhere)
      session.login = { account: verdict.account, address: verdict.address }
      return replies.signedIn
    case 'refused':
      return failed(session, refusals[verdict.reason] ?? replies.credentialsInvalid)
    case 'throttled':
      return failed(session, replies.throttled)
    case 'later':
      return tryLater(verdict)
  }
}

/** What may be told, for what was shown was right. */
const refusals: Partial<Record<Refused['reason'], Reply>> = {
  'password-change-needed': replies.passwordExpired,
  'password-needed-elsewhere': replies.needsPassword,
}

/** Behind the reply the old server has the word. Undefined where the client was led there. */
async function leadElsewhere(session: Session, signIn: OldSignIn): Promise<Stopped> {
  const { server, connection } = session
  const entered = await server.oldServers.enter(signIn, { service: 'submission', connection: connection.id })
  // RFC 4954 §6
  if (entered.kind !== 'entered') return { code: 454, status: '4.7.0', text: entered.text }
  await session.passOn(entered.passage, replies.signedIn)
  return undefined
}

function failed(session: Session, reply: Reply): Reply {
  session.failedLogins++
  if (session.failedLogins < session.server.limits.failedLogins) return reply
  session.say(reply)
  return replies.tooManyLogins
}
