import type { AccountId } from '../../../ports/accounts.ts'
import type { Accepted, LoginVerdict, Refused } from '../../../ports/credentials.ts'
import type { OldSignIn } from '../../../ports/old-servers.ts'
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

export function judged(session: Session, verdict: LoginVerdict): Reply | Promise<Reply> {
  switch (verdict.kind) {
    case 'accepted':
      return welcome(session, verdict)
    case 'throttled':
      countFailure(session)
      return no('LIMIT', `Too many attempts; wait ${verdict.retryAfterSeconds} seconds`)
    case 'refused':
      countFailure(session)
      return refusals[verdict.reason] ?? replies.refused
    case 'later':
      return later(verdict)
  }
}

/** What may be told, for what was shown was right. */
const refusals: Partial<Record<Refused['reason'], Reply>> = {
  'password-change-needed': replies.passwordExpired,
  'password-needed-elsewhere': replies.needsPassword,
}

function welcome(session: Session, verdict: Accepted): Reply | Promise<Reply> {
  const { services, connection } = session
  const { account, address, elsewhere } = verdict
  if (!services.connections.tryEnter(`${account} ${connection.ip}`)) {
    services.log.info('imap.too-many-connections', { connection: connection.id, ip: connection.ip, account })
    return no('LIMIT', 'Too many connections of this user from this place')
  }
  if (elsewhere) return leadElsewhere(session, account, elsewhere)
  session.user = { account, address, mail: services.accessOf(account) }
  return ok('Welcome', `CAPABILITY ${capabilities(session)}`)
}

/** Behind the response the old server has the word. It says what it can do as it would have done itself. */
async function leadElsewhere(session: Session, account: AccountId, signIn: OldSignIn): Promise<Reply> {
  const { services, connection } = session
  const leave = () => services.connections.leave(`${account} ${connection.ip}`)
  const entered = await services.oldServers.enter(signIn, { service: 'imap', connection: connection.id })
  switch (entered.kind) {
    case 'entered':
      session.passage = entered.passage
      if (session.leaving !== undefined) entered.passage.end()
      session.afterReply = () => session.passOn(entered.passage).finally(leave)
      return ok('Welcome', `CAPABILITY ${entered.said}`)
    case 'barred':
      leave()
      // RFC 5530 §3
      return no('CONTACTADMIN', entered.text)
    case 'later':
      leave()
      return later(entered)
  }
}

/** Every refusal reads the same, and a few are enough for one connection. */
function countFailure(session: Session): void {
  if (++session.failedLogins >= mostFailures) session.leave('Too many attempts to sign in')
}
