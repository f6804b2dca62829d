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
import { Scanner } from '../../../lib/scanner.ts'
import type { LoginVerdict, ScramAttempt } from '../../../ports/credentials.ts'
import { beforeLogin, signedIn } from '../command.ts'
import { authArguments, nothing, saslAnswer } from '../grammar/arguments.ts'
import { no, ok, type Reply, renderString } from '../reply.ts'
import { capabilities, mechanisms } from '../session/capabilities.ts'
import { mostFailedLogins } from '../session/limits.ts'
import type { Session } from '../session/session.ts'
import { replies } from '../texts.ts'

/** RFC 5804 §2.2. */
export const startTls = beforeLogin({
  parse: nothing,
  run: (session) => {
    if (session.connection.tls) return replies.tlsAlready
    if (!session.mayStartTls) return replies.noTls
    session.afterReply = () => upgrade(session)
    return replies.startTls
  },
})

/** RFC 5804 §2.2: what is offered is told again, unasked. */
async function upgrade(session: Session): Promise<void> {
  try {
    await session.startTls()
  } catch (error) {
    const { log } = session.services
    log.info('managesieve.tls-failed', { connection: session.connection.id, reason: String(error) })
    session.abort()
    return
  }
  for (const line of capabilities(session)) session.out.line(line)
  session.say(replies.tlsOn)
}

/** RFC 5804 §2.1. */
export const authenticate = beforeLogin({
  parse: authArguments,
  run: async (session, { mechanism, initial }) => {
    if (!session.mayAuthenticate) return replies.needsTls
    const exchange = mechanisms(session).includes(mechanism) ? exchanges[mechanism] : undefined
    return exchange ? await exchange(session, initial) : replies.unknownMechanism
  },
})

/** RFC 5804 §2.14.1. TLS stays. */
export const unauthenticate = signedIn({
  parse: nothing,
  run: (session) => {
    session.exit()
    return replies.stranger
  },
})

type Exchange = (session: Session, initial: string | undefined) => Promise<Reply>

const exchanges: Readonly<Record<string, Exchange>> = {
  PLAIN: async (session, initial) => verify(session, await plainExchange(asker(session, initial))),
  LOGIN: async (session, initial) => verify(session, await loginExchange(asker(session, initial))),
  'SCRAM-SHA-256': (session, initial) => scram(session, initial, false),
  'SCRAM-SHA-256-PLUS': (session, initial) => scram(session, initial, true),
  OAUTHBEARER: (session, initial) => bearer(session, initial, 'OAUTHBEARER'),
  XOAUTH2: (session, initial) => bearer(session, initial, 'XOAUTH2'),
}

/** Challenges of a SASL exchange; the first is answered by what the client sent with the command. */
function asker(session: Session, initial: string | undefined): Ask<Reply> {
  let given = initial
  return async (challenge) => {
    const answer = given ?? (await answerTo(session, challenge))
    given = undefined
    if (typeof answer !== 'string') return answer
    return decodeBase64(answer) ?? replies.noBase64
  }
}

/** RFC 5804 §2.1: challenges and answers are strings, base64 in them. */
async function answerTo(session: Session, challenge: string): Promise<string | Reply> {
  session.out.line(renderString(Buffer.from(challenge).toString('base64')))
  for (;;) {
    const incoming = session.take()
    if (incoming?.kind === 'hopeless') return replies.hopeless
    if (incoming?.kind === 'too-large') return replies.tooLong
    if (incoming) {
      session.heard()
      const text = saslAnswer(new Scanner(incoming.text))
      return text === '*' ? replies.cancelled : text
    }
    if (!(await session.more())) {
      session.over = true
      return replies.cancelled
    }
  }
}

/** The verifier writes the line of the log that each attempt gets. */
async function verify(session: Session, given: Credentials | Reply | 'malformed'): Promise<Reply> {
  if (given === 'malformed') return replies.notOfMechanism
  if (!('login' in given)) return given
  return judged(session, await session.services.credentials.verify({ ...attemptOf(session), ...given }))
}

/** RFC 5802, RFC 7677. */
async function scram(session: Session, initial: string | undefined, isBound: boolean): Promise<Reply> {
  const { connection, services } = session
  const attempt = (login: string): ScramAttempt => ({ ...attemptOf(session), login })
  const last = new LastWord(asker(session, initial))
  const outcome = await scramExchange(
    last.ask,
    {
      nonce: randomBytes(18).toString('base64'),
      begin: (login) => services.scram.begin(attempt(login)),
      finish: async (login, answer) => {
        const verdict = await services.scram.finish({ ...attempt(login), ...answer })
        last.isNext = verdict.kind === 'accepted'
        return verdict
      },
    },
    {
      isBound,
      mayBind: mechanisms(session).includes('SCRAM-SHA-256-PLUS'),
      bindingOf: (type) => connection.channelBinding(type),
    },
  )
  if (outcome === 'malformed') return replies.notOfMechanism
  if (!isVerdict(outcome)) return outcome
  const reply = judged(session, outcome)
  return session.user ? ok(reply.text, { name: 'SASL', value: last.said }) : reply
}

/** RFC 7628, and what was before it. */
async function bearer(
  session: Session,
  initial: string | undefined,
  mechanism: BearerMechanism,
): Promise<Reply> {
  const { credentials } = session.services
  const outcome = await bearerExchange(asker(session, initial), mechanism, ({ login, token }) =>
    credentials.verify({ ...attemptOf(session), login, password: token, bearer: true }),
  )
  if (outcome === 'malformed') return replies.notOfMechanism
  return isVerdict(outcome) ? judged(session, outcome) : outcome
}

/** RFC 5804 §2.1: what the server says last comes with OK, and is not answered. */
class LastWord {
  isNext = false
  said = ''
  readonly ask: Ask<Reply>

  constructor(ask: Ask<Reply>) {
    this.ask = async (challenge) => {
      if (!this.isNext) return await ask(challenge)
      this.said = Buffer.from(challenge).toString('base64')
      return Buffer.alloc(0)
    }
  }
}

const isVerdict = (outcome: LoginVerdict | Reply): outcome is LoginVerdict =>
  outcome.kind !== 'OK' && outcome.kind !== 'NO' && outcome.kind !== 'BYE'

const attemptOf = ({ connection }: Session) => ({
  service: 'sieve' as const,
  ip: connection.ip,
  connection: connection.id,
})

function judged(session: Session, verdict: LoginVerdict): Reply {
  switch (verdict.kind) {
    case 'accepted':
      return session.enter(verdict) ? replies.welcome : replies.tooManyConnections
    case 'refused':
      return failed(session, replies.refused)
    case 'throttled':
      return failed(session, no(`Too many attempts; wait ${verdict.retryAfterSeconds} seconds`, 'TRYLATER'))
    case 'later':
      return no(verdict.text, 'TRYLATER')
  }
}

/** Every refusal reads the same, and a few are enough for one connection. */
function failed(session: Session, reply: Reply): Reply {
  if (++session.failedLogins < mostFailedLogins) return reply
  session.say(reply)
  return replies.tooManyLogins
}
