import type { Ask } from '../../../lib/sasl.ts'
import { Scanner } from '../../../lib/scanner.ts'
import { saslAsker, saslSignIn } from '../../../platform/wire/sasl-sign-in.ts'
import type { LoginVerdict, ScramVerifier } from '../../../ports/credentials.ts'
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
    return await signIn(session, mechanism, initial)
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

/** The verifier writes the line of the log that each attempt gets. */
async function signIn(session: Session, mechanism: string, initial: string | undefined): Promise<Reply> {
  const { connection, services } = session
  const last = new LastWord(
    saslAsker<Reply>(initial, (challenge) => answerTo(session, challenge), replies.noBase64),
    services.scram,
  )
  const end = await saslSignIn(mechanism, last.ask, {
    attempt: { service: 'sieve', ip: connection.ip, connection: connection.id },
    connection,
    credentials: services.credentials,
    scram: last.scram,
    offered: mechanisms(session),
  })
  switch (end.kind) {
    case 'not-offered':
      return replies.unknownMechanism
    case 'malformed':
      return replies.notOfMechanism
    case 'stopped':
      return end.by
    case 'judged': {
      const reply = judged(session, end.verdict)
      return session.user && last.said !== undefined
        ? ok(reply.text, { name: 'SASL', value: last.said })
        : reply
    }
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

/** RFC 5804 §2.1: what the server says last comes with OK, and is not answered. */
class LastWord {
  /** Undefined where the mechanism has none. */
  said: string | undefined
  readonly ask: Ask<Reply>
  readonly scram: ScramVerifier
  #isNext = false

  constructor(ask: Ask<Reply>, scram: ScramVerifier) {
    this.ask = async (challenge) => {
      if (!this.#isNext) return await ask(challenge)
      this.said = Buffer.from(challenge).toString('base64')
      return Buffer.alloc(0)
    }
    this.scram = {
      begin: (attempt) => scram.begin(attempt),
      finish: async (attempt) => {
        const verdict = await scram.finish(attempt)
        this.#isNext = verdict.kind === 'accepted'
        return verdict
      },
    }
  }
}

function judged(session: Session, verdict: LoginVerdict): Reply {
  switch (verdict.kind) {
    case 'accepted':
      return session.enter(verdict) ? replies.welcome : replies.tooManyConnections
    case 'refused':
      return failed(
        session,
        verdict.reason === 'password-change-needed' ? replies.passwordExpired : replies.refused,
      )
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
