import { randomBytes } from 'node:crypto'
import { bearerExchange, isBearerMechanism } from '../../lib/bearer.ts'
import { type Ask, decodeBase64, loginExchange, plainExchange, scramExchange } from '../../lib/sasl.ts'
import type { Connection } from '../../ports/connection.ts'
import type {
  CredentialVerifier,
  LoginVerdict,
  ScramAttempt,
  ScramVerifier,
} from '../../ports/credentials.ts'

/** Who signs in, and what looks at it. */
export interface SigningIn {
  /** Stands in the log of each attempt. */
  readonly attempt: Omit<ScramAttempt, 'login'>
  readonly connection: Pick<Connection, 'channelBinding'>
  readonly credentials: CredentialVerifier
  readonly scram: ScramVerifier
  /** Mechanisms that this client may use now. */
  readonly offered: readonly string[]
}

export type SaslEnd<Stopped> =
  | { readonly kind: 'judged'; readonly verdict: LoginVerdict }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'not-offered' }
  /** By what answers to challenges came to. */
  | { readonly kind: 'stopped'; readonly by: Stopped }

const boundMechanism = 'SCRAM-SHA-256-PLUS'
const ended = Symbol('ended')

/** One exchange of any mechanism that servers of this program offer; the protocol says only how challenges look. */
export async function saslSignIn<Stopped>(
  mechanism: string,
  ask: Ask<Stopped>,
  signingIn: SigningIn,
): Promise<SaslEnd<Stopped>> {
  if (!signingIn.offered.includes(mechanism)) return { kind: 'not-offered' }
  let stopped: { readonly by: Stopped } | undefined
  const outcome = await exchange(mechanism, signingIn, async (challenge) => {
    const answer = await ask(challenge)
    if (Buffer.isBuffer(answer)) return answer
    stopped = { by: answer }
    return ended
  })
  if (stopped) return { kind: 'stopped', ...stopped }
  if (outcome === 'malformed' || outcome === ended) return { kind: 'malformed' }
  return { kind: 'judged', verdict: outcome }
}

type Outcome = LoginVerdict | typeof ended | 'malformed'

async function exchange(mechanism: string, signingIn: SigningIn, ask: Ask<typeof ended>): Promise<Outcome> {
  const { credentials, attempt } = signingIn
  if (mechanism.startsWith('SCRAM-')) return await scram(mechanism, signingIn, ask)
  // RFC 7628, and what was before it.
  if (isBearerMechanism(mechanism)) {
    return await bearerExchange(ask, mechanism, ({ login, token }) =>
      credentials.verify({ ...attempt, login, password: token, bearer: true }),
    )
  }
  const given = mechanism === 'PLAIN' ? await plainExchange(ask) : await loginExchange(ask)
  if (given === ended || given === 'malformed') return given
  return await credentials.verify({ ...attempt, ...given })
}

/** RFC 5802, RFC 7677. */
function scram(mechanism: string, signingIn: SigningIn, ask: Ask<typeof ended>): Promise<Outcome> {
  const { attempt, connection, scram: verifier, offered } = signingIn
  return scramExchange(
    ask,
    {
      nonce: randomBytes(18).toString('base64'),
      begin: (login) => verifier.begin({ ...attempt, login }),
      finish: (login, answer) => verifier.finish({ ...attempt, login, ...answer }),
    },
    {
      isBound: mechanism === boundMechanism,
      mayBind: offered.includes(boundMechanism),
      bindingOf: (type) => connection.channelBinding(type),
    },
  )
}

/** Challenges of an exchange; the first is answered by what the client sent with the command. */
export function saslAsker<Stopped>(
  initial: string | undefined,
  answerTo: (challenge: string) => Promise<string | Stopped>,
  noBase64: Stopped,
): Ask<Stopped> {
  let given = initial
  return async (challenge) => {
    const answer = given ?? (await answerTo(challenge))
    given = undefined
    if (typeof answer !== 'string') return answer
    return decodeBase64(answer) ?? noBase64
  }
}
