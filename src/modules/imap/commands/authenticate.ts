import { saslAsker, saslSignIn } from '../../../platform/wire/sasl-sign-in.ts'
import { mechanisms } from '../session/mechanisms.ts'
import type { Session } from '../session/session.ts'
import { textOf } from '../wire/text.ts'
import { beforeLogin } from './command.ts'
import { attemptOf, type Credentials, judged, signIn } from './login.ts'
import { bad, no, type Reply, replies } from './replies.ts'

const longestAnswer = 12_288
const base64 = /^[A-Za-z0-9+/]*={0,2}$/

/** RFC 9051 §6.2.2, with an initial response (RFC 4959). PLAIN is RFC 4616; LOGIN was never one, but Outlook uses it. */
export const authenticate = beforeLogin({
  hazards: { changesMailbox: true },
  parse: (d) => ({
    mechanism: d.sp().keyword('auth-type'),
    initial: d.trySp() ? d.initialResponse() : undefined,
  }),
  run: async (session, { mechanism, initial }) => {
    const exchange = Object.hasOwn(exchanges, mechanism) ? exchanges[mechanism] : undefined
    if (!exchange) return no('CANNOT', 'This mechanism is not known here')
    if (!session.mayAuthenticate) return replies.needsTls
    if (!mechanisms(session).includes(mechanism)) return no('CANNOT', 'This mechanism is not offered here')
    return await exchange(session, initial)
  },
})

const exchanges: Readonly<Record<string, (session: Session, initial: string | undefined) => Promise<Reply>>> =
  {
    PLAIN: async (session, initial) => await withPassword(session, await plain(session, initial)),
    LOGIN: async (session, initial) => await withPassword(session, await loginDialog(session, initial)),
    'SCRAM-SHA-256': (session, initial) => withoutPassword(session, initial, 'SCRAM-SHA-256'),
    'SCRAM-SHA-256-PLUS': (session, initial) => withoutPassword(session, initial, 'SCRAM-SHA-256-PLUS'),
    OAUTHBEARER: (session, initial) => withoutPassword(session, initial, 'OAUTHBEARER'),
    XOAUTH2: (session, initial) => withoutPassword(session, initial, 'XOAUTH2'),
  }

async function withPassword(session: Session, given: Credentials | Reply): Promise<Reply> {
  return 'kind' in given ? given : await signIn(session, given)
}

async function withoutPassword(
  session: Session,
  initial: string | undefined,
  mechanism: string,
): Promise<Reply> {
  const { connection, services } = session
  const { credentials, scram } = services
  const answered = async (challenge: string) =>
    emptied(await ask(session, Buffer.from(challenge).toString('base64')))
  const asker = saslAsker<Reply>(emptied(initial), answered, bad('This is no base64'))
  const signingIn = {
    attempt: attemptOf(session),
    connection,
    credentials,
    scram,
    offered: mechanisms(session),
  }
  const end = await saslSignIn(mechanism, asker, signingIn)
  switch (end.kind) {
    case 'not-offered':
      return no('CANNOT', 'This mechanism is not offered here')
    case 'malformed':
      return bad('These are no messages of the mechanism, or not ones for this connection')
    case 'stopped':
      return end.by
    case 'judged':
      return await judged(session, end.verdict)
  }
}

/** RFC 4959 §3: "=" is an answer of no octets. */
const emptied = <Answer>(answer: Answer): Answer | '' => (answer === '=' ? '' : answer)

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
