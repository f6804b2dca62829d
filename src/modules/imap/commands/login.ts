import type { LoginVerdict } from '../../../ports/credentials.ts'
import { capabilities } from '../session/capabilities.ts'
import type { Session } from '../session/session.ts'
import { textOf } from '../wire/text.ts'
import { beforeLogin, nothing } from './command.ts'
import { bad, later, no, ok, type Reply, replies } from './replies.ts'

const mostFailures = 5
const longestAnswer = 12_288
const base64 = /^[A-Za-z0-9+/]*={0,2}$/

interface Credentials {
  readonly login: string
  readonly password: string
}

/** RFC 9051 §6.2.3. */
export const login = beforeLogin({
  hazards: { changesMailbox: true },
  parse: (d) => ({ login: d.sp().astring(), password: d.sp().astring() }),
  run: (session, credentials) => (session.mayAuthenticate ? signIn(session, credentials) : replies.needsTls),
})

/** RFC 9051 §6.2.2, with an initial response (RFC 4959). PLAIN is RFC 4616; LOGIN was never one, but Outlook uses it. */
export const authenticate = beforeLogin({
  hazards: { changesMailbox: true },
  parse: (d) => ({
    mechanism: d.sp().keyword('auth-type'),
    initial: d.trySp() ? d.initialResponse() : undefined,
  }),
  run: async (session, { mechanism, initial }) => {
    if (mechanism !== 'PLAIN' && mechanism !== 'LOGIN')
      return no('CANNOT', 'This mechanism is not known here')
    if (!session.mayAuthenticate) return replies.needsTls
    const credentials =
      mechanism === 'PLAIN' ? await plain(session, initial) : await loginDialog(session, initial)
    return 'kind' in credentials ? credentials : await signIn(session, credentials)
  },
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

async function plain(session: Session, initial: string | undefined): Promise<Credentials | Reply> {
  const answer = initial ?? (await ask(session, ''))
  if (typeof answer !== 'string') return answer
  const octets = decode64(answer)
  const [authorization, login, password, ...rest] = octets?.split('\0') ?? []
  if (authorization === undefined || login === undefined || password === undefined || rest.length > 0) {
    return bad('This is no PLAIN answer')
  }
  // Acting for somebody else is not to be had; naming oneself is fine. RFC 4616 §2.
  if (authorization !== '' && authorization !== login) return no('AUTHORIZATIONFAILED', replies.refused.text)
  return { login: textOf(login), password: textOf(password) }
}

async function loginDialog(session: Session, initial: string | undefined): Promise<Credentials | Reply> {
  const login = initial ?? (await ask(session, 'VXNlcm5hbWU6'))
  if (typeof login !== 'string') return login
  const password = await ask(session, 'UGFzc3dvcmQ6')
  if (typeof password !== 'string') return password
  const [name, secret] = [decode64(login), decode64(password)]
  if (name === undefined || secret === undefined) return bad('This is no base64')
  return { login: textOf(name), password: textOf(secret) }
}

/** The client's answer to a challenge, or how the command ends instead. */
async function ask(session: Session, challenge: string): Promise<string | Reply> {
  session.out.line(`+ ${challenge}`)
  session.flush()
  const line = await session.reader.line(longestAnswer)
  if (!line) {
    session.over = true
    return bad('Gone')
  }
  if (line.cut) return bad('Too long')
  // RFC 9051 §6.2.2: the client changed its mind.
  return line.text === '*' ? bad('Cancelled') : line.text
}

function decode64(text: string): string | undefined {
  // RFC 4959 §3: "=" is an answer of no octets.
  if (text === '=') return ''
  return base64.test(text) && text.length % 4 === 0
    ? Buffer.from(text, 'base64').toString('latin1')
    : undefined
}

/** The verifier writes the line of the log that each attempt gets. */
async function signIn(session: Session, credentials: Credentials): Promise<Reply> {
  const { services, connection } = session
  const verdict = await services.credentials.verify({
    ...credentials,
    service: 'imap',
    ip: connection.ip,
    connection: connection.id,
    ...(session.client === undefined ? {} : { client: session.client }),
  })
  switch (verdict.kind) {
    case 'accepted':
      return welcome(session, verdict)
    case 'throttled':
      countFailure(session)
      return no('LIMIT', `Too many attempts; wait ${verdict.retryAfterSeconds} seconds`)
    case 'refused':
      countFailure(session)
      return replies.refused
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
  session.user = { account, address }
  return ok('Welcome', `CAPABILITY ${capabilities(session)}`)
}

/** Every refusal reads the same, and a few are enough for one connection. */
function countFailure(session: Session): void {
  if (++session.failedLogins >= mostFailures) session.leave('Too many attempts to sign in')
}
