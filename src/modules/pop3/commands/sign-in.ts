import { saslAsker, saslSignIn } from '../../../platform/wire/sasl-sign-in.ts'
import type { LoginVerdict, Refused } from '../../../ports/credentials.ts'
import type { OldSignIn } from '../../../ports/old-servers.ts'
import { type Answer, beforeLogin } from '../command.ts'
import { authArguments, nothing, verbatim } from '../grammar/arguments.ts'
import { openMaildrop } from '../maildrop/open.ts'
import { err, mistake, ok, type Reply } from '../reply.ts'
import { say } from '../say.ts'
import { mechanisms } from '../session/capabilities.ts'
import { mostFailedLogins, saslLineOctets } from '../session/limits.ts'
import type { Session } from '../session/session.ts'
import type { TextKey } from '../texts.ts'
import { sayLines } from './say-lines.ts'

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
  run: async (session, password) => {
    const { name } = session
    if (!session.mayAuthenticate) return err(undefined, 'needsTls')
    if (name === undefined) return mistake('nameFirst')
    session.name = undefined
    const attempt = { ...attemptOf(session), login: name.trim(), password }
    return await judged(session, await session.services.credentials.verify(attempt))
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
    return await exchange(session, mechanism, initial)
  },
})

async function exchange(session: Session, mechanism: string, initial: string | undefined): Promise<Answer> {
  const { credentials, scram } = session.services
  const ask = saslAsker<Reply>(initial, (challenge) => answerTo(session, challenge), mistake('noBase64'))
  const offered = mechanisms(session)
  const signingIn = {
    attempt: attemptOf(session),
    connection: session.connection,
    credentials,
    scram,
    offered,
  }
  const end = await saslSignIn(mechanism, ask, signingIn)
  switch (end.kind) {
    case 'not-offered':
      return err(undefined, 'unknownMechanism')
    case 'malformed':
      return mistake('notOfMechanism')
    case 'stopped':
      return end.by
    case 'judged':
      return await judged(session, end.verdict)
  }
}

async function answerTo(session: Session, challenge: string): Promise<string | Reply> {
  session.out.line(`+ ${Buffer.from(challenge).toString('base64')}`)
  for (;;) {
    const line = session.ends.input.takeLine(saslLineOctets)
    if (line?.kind === 'too-long') return mistake('tooLong')
    if (line) {
      session.heard()
      const text = line.bytes.toString('latin1')
      return text === '*' ? err(undefined, 'cancelled') : text
    }
    if (!(await session.ends.more())) {
      session.over = true
      return err(undefined, 'cancelled')
    }
  }
}

/** The verifier writes the line of the log that each attempt gets. */
const attemptOf = ({ connection }: Session) => ({
  service: 'pop3' as const,
  ip: connection.ip,
  connection: connection.id,
})

async function judged(session: Session, verdict: LoginVerdict): Promise<Answer> {
  switch (verdict.kind) {
    case 'accepted':
      return verdict.elsewhere
        ? await leadElsewhere(session, verdict.elsewhere)
        : await open(session, verdict)
    case 'refused':
      countFailure(session)
      // RFC 3206 §5. Every refusal reads the same.
      return err('AUTH', refusals[verdict.reason] ?? 'refused')
    case 'throttled':
      countFailure(session)
      return err('LOGIN-DELAY', 'throttled', verdict.retryAfterSeconds)
    case 'later':
      return err('SYS/TEMP', 'trouble', verdict.text)
  }
}

/** What may be told, for what was shown was right. */
const refusals: Partial<Record<Refused['reason'], TextKey>> = {
  'password-change-needed': 'expired',
  'password-needed-elsewhere': 'needsPassword',
}

/** Behind the answer the old server has the word. It says what it would have said itself. */
async function leadElsewhere(session: Session, signIn: OldSignIn): Promise<Answer> {
  const { connection, services } = session
  const entered = await services.oldServers.enter(signIn, { service: 'pop3', connection: connection.id })
  // RFC 3206 §4
  if (entered.kind === 'later') return err('SYS/TEMP', 'trouble', entered.text)
  if (entered.kind === 'barred') return err('SYS/PERM', 'trouble', entered.text)
  session.passage = entered.passage
  if (session.leaving) entered.passage.end()
  say(session, ok('trouble', Buffer.from(entered.said, 'latin1').toString()))
  await entered.passage.carry(connection.stream, await session.ends.handOver())
  session.over = true
  return undefined
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
