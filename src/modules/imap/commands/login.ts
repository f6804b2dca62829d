import type { LoginVerdict } from '../../../ports/credentials.ts'
import { capabilities } from '../session/capabilities.ts'
import type { Session } from '../session/session.ts'
import { beforeLogin, nothing } from './command.ts'
import { bad, later, no, ok, type Reply, replies } from './replies.ts'

const mostFailures = 5

export interface Credentials {
  readonly login: string
  readonly password: string
}

/** RFC 9051 §6.2.3. */
export const login = beforeLogin({
  hazards: { changesMailbox: true },
  parse: (d) => ({ login: d.sp().astring(), password: d.sp().astring() }),
  run: (session, credentials) => (session.mayAuthenticate ? signIn(session, credentials) : replies.needsTls),
})

/** RFC 9051 §6.2.1. Whatever the client sent behind the command in clear text is thrown away. */
export const startTls = beforeLogin({
  hazards: { changesMailbox: true },
  parse: nothing,
  run: (session) => {
    if (!session.connection.mayStartTls) return bad('TLS is not to be had here')
    session.afterReply = () => session.startTls()
    return ok('Begin TLS now')
  },
})

/** The verifier writes the line of the log that each attempt gets. */
export async function signIn(session: Session, credentials: Credentials): Promise<Reply> {
  return judged(session, await session.services.credentials.verify({ ...attemptOf(session), ...credentials }))
}

export const attemptOf = ({ connection, client }: Session) => ({
  service: 'imap' as const,
  ip: connection.ip,
  connection: connection.id,
  ...(client === undefined ? {} : { client }),
})

export function judged(session: Session, verdict: LoginVerdict): Reply {
  switch (verdict.kind) {
    case 'accepted':
      return welcome(session, verdict)
    case 'throttled':
      countFailure(session)
      return no('LIMIT', `Too many attempts; wait ${verdict.retryAfterSeconds} seconds`)
    case 'refused':
      countFailure(session)
      return verdict.reason === 'password-change-needed' ? replies.passwordExpired : replies.refused
    case 'later':
      return later(verdict)
  }
}

function welcome(session: Session, { account, address }: Extract<LoginVerdict, { kind: 'accepted' }>): Reply {
  const { services, connection } = session
  if (!services.connections.tryEnter(`${account} ${connection.ip}`)) {
    services.log.info('imap.too-many-connections', { connection: connection.id, ip: connection.ip, account })
    return no('LIMIT', 'Too many connections of this user from this place')
  }
  session.user = { account, address, mail: services.accessOf(account) }
  return ok('Welcome', `CAPABILITY ${capabilities(session)}`)
}

/** Every refusal reads the same, and a few are enough for one connection. */
function countFailure(session: Session): void {
  if (++session.failedLogins >= mostFailures) session.leave('Too many attempts to sign in')
}
