import { randomBytes } from 'node:crypto'
import { type BearerMechanism, bearerExchange, isBearerMechanism } from '../../../lib/bearer.ts'
import {
  type Ask,
  type Credentials,
  decodeBase64,
  loginExchange,
  plainExchange,
  scramExchange,
} from '../../../lib/sasl.ts'
import type { LoginVerdict, ScramAttempt } from '../../../ports/credentials.ts'
import { type Answer, beforeLogin } from '../command.ts'
import { authArguments, nothing, verbatim } from '../grammar/arguments.ts'
import { openMaildrop } from '../maildrop/open.ts'
import { err, mistake, ok, type Reply } from '../reply.ts'
import { say } from '../say.ts'
import { mechanisms } from '../session/capabilities.ts'
import { mostFailedLogins, saslLineOctets } from '../session/limits.ts'
import type { Session } from '../session/session.ts'
import { sayLines } from './say-lines.ts'

const plus = 'SCRAM-SHA-256-PLUS'

/** RFC 1939 §7. Who exists is not told. */
export const user = beforeLogin({
  parse: verbatim,
  run: (session, name) => {
    if (!session.mayAuthenticate) return err(undefined, 'needsTls')
    session.name = name
    return ok('name')
  },
})

/** RFC 1939 §7. */
export const pass = beforeLogin({
  parse: verbatim,
  run: (session, password) => {
    const { name } = session
    if (!session.mayAuthenticate) return err(undefined, 'needsTls')
    if (name === undefined) return mistake('nameFirst')
    session.name = undefined
    return verify(session, { login: name.trim(), password })
  },
})

/** RFC 2595 §4. */
export const stls = beforeLogin({
  parse: nothing,
  run: async (session): Promise<Answer> => {
    if (session.connection.tls) return err(undefined, 'tlsAlready')
    if (!session.mayStartTls) return err(undefined, 'noTls')
    say(session, ok('startTls'))
    try {
      await session.startTls()
    } catch (error) {
      const { log } = session.services
      log.info('pop3.tls-failed', { connection: session.connection.id, reason: String(error) })
      session.abort()
    }
    return undefined
  },
})

/** RFC 5034 §4. Without a mechanism it lists them, as Outlook and others ask. */
export const auth = beforeLogin({
  parse: authArguments,
  run: async (session, { mechanism, initial }): Promise<Answer> => {
    if (mechanism === undefined) {
      return await sayLines(session, ok('mechanisms'), session.mayAuthenticate ? mechanisms(session) : [])
    }
    if (!mechanisms(session).includes(mechanism)) return err(undefined, 'unknownMechanism')
    if (!session.mayAuthenticate) return err(undefined, 'needsTls')
    const ask = asker(session, initial)
    if (mechanism.startsWith('SCRAM-')) return await scram(session, ask, mechanism === plus)
    if (isBearerMechanism(mechanism)) return await bearer(session, ask, mechanism)
    const given = mechanism === 'PLAIN' ? await plainExchange(ask) : await loginExchange(ask)
    if (given === 'malformed') return mistake('notOfMechanism')
    return 'login' in given ? await verify(session, given) : given
  },
})

/** Challenges of a SASL exchange; the first is answered by what the client sent with the command. */
function asker(session: Session, initial: string | undefined): Ask<Reply> {
  let given = initial
  return async (challenge) => {
    const answer = given ?? (await answerTo(session, challenge))
    given = undefined
    if (typeof answer !== 'string') return answer
    return decodeBase64(answer) ?? mistake('noBase64')
  }
}

async function answerTo(session: Session, challenge: string): Promise<string | Reply> {
  session.out.line(`+ ${Buffer.from(challenge).toString('base64')}`)
  for (;;) {
    const line = session.input.takeLine(saslLineOctets)
    if (line?.kind === 'too-long') return mistake('tooLong')
    if (line) {
      session.heard()
      const text = line.bytes.toString('latin1')
      return text === '*' ? err(undefined, 'cancelled') : text
    }
    if (!(await session.more())) {
      session.over = true
      return err(undefined, 'cancelled')
    }
  }
}

/** The verifier writes the line of the log that each attempt gets. */
async function verify(session: Session, { login, password }: Credentials): Promise<Reply> {
  return await judged(
    session,
    await session.services.credentials.verify({ ...attemptOf(session), login, password }),
  )
}

/** RFC 5802, RFC 7677. */
async function scram(session: Session, ask: Ask<Reply>, isBound: boolean): Promise<Reply> {
  const { scram: verifier } = session.services
  const attempt = (login: string): ScramAttempt => ({ ...attemptOf(session), login })
  const outcome = await scramExchange(
    ask,
    {
      nonce: randomBytes(18).toString('base64'),
      begin: (login) => verifier.begin(attempt(login)),
      finish: (login, answer) => verifier.finish({ ...attempt(login), ...answer }),
    },
    {
      isBound,
      mayBind: mechanisms(session).includes(plus),
      bindingOf: (type) => session.connection.channelBinding(type),
    },
  )
  if (outcome === 'malformed') return mistake('notOfMechanism')
  return 'key' in outcome ? outcome : await judged(session, outcome)
}

/** RFC 7628, and what was before it. */
async function bearer(session: Session, ask: Ask<Reply>, mechanism: BearerMechanism): Promise<Reply> {
  const { credentials } = session.services
  const outcome = await bearerExchange(ask, mechanism, ({ login, token }) =>
    credentials.verify({ ...attemptOf(session), login, password: token, bearer: true }),
  )
  if (outcome === 'malformed') return mistake('notOfMechanism')
  return 'key' in outcome ? outcome : await judged(session, outcome)
}

const attemptOf = ({ connection }: Session) => ({
  service: 'pop3' as const,
  ip: connection.ip,
  connection: connection.id,
})

async function judged(session: Session, verdict: LoginVerdict): Promise<Reply> {
  switch (verdict.kind) {
    case 'accepted':
      return await open(session, verdict)
    case 'refused':
      countFailure(session)
      // RFC 3206 §5. Every refusal reads the same.
      return err('AUTH', 'refused')
    case 'throttled':
      countFailure(session)
      return err('LOGIN-DELAY', 'throttled', verdict.retryAfterSeconds)
    case 'later':
      return err('SYS/TEMP', 'trouble', verdict.text)
  }
}

/** RFC 1939 §4: the maildrop is locked first, and numbered then. */
async function open(
  session: Session,
  { account }: Extract<LoginVerdict, { kind: 'accepted' }>,
): Promise<Reply> {
  const { services } = session
  if (!services.locks.tryTake(account)) return err('IN-USE', 'inUse')
  session.holds = account
  const maildrop = await openMaildrop(services, account).catch((error: unknown) => {
    session.letGo()
    throw error
  })
  if (!maildrop) {
    session.letGo()
    return err('SYS/TEMP', 'notThereYet')
  }
  session.maildrop = maildrop
  const { messages, octets } = maildrop.stat
  return ok('welcome', messages, octets)
}

/** A few are enough for one connection. */
function countFailure(session: Session): void {
  if (++session.failedLogins >= mostFailedLogins) session.over = true
}
