import type { Ask } from './sasl.ts'

/**
 * RFC 7628 §3.1. The scheme is Bearer with what RFC 6750 calls b64token; an empty `auth` asks how tokens are to be had (§4.3), and
 * is a token that is no good.
 */
const oauthBearer =
  /^[ny],(?:a=(?<login>[^,\x01]{1,1024}))?,\x01(?:(?!auth=)[A-Za-z]+=[^\x01]*\x01)*auth=(?:Bearer +(?<token>[A-Za-z0-9._~+/=-]{1,8192}))?\x01(?:(?!auth=)[A-Za-z]+=[^\x01]*\x01)*\x01$/i
/** Google's and Microsoft's own, from before there was a standard. */
const xoauth2 =
  /^user=(?<login>[^\x01]{1,1024})\x01auth=Bearer +(?<token>[A-Za-z0-9._~+/=-]{1,8192})\x01\x01$/i

const frames = { OAUTHBEARER: oauthBearer, XOAUTH2: xoauth2 } as const

export type BearerMechanism = keyof typeof frames

export interface BearerToken {
  readonly login: string
  readonly token: string
}

export const isBearerMechanism = (name: string): name is BearerMechanism => Object.hasOwn(frames, name)

/** What the client says first, and all it says where the token is good. */
export function readBearer(mechanism: BearerMechanism, octets: Buffer): BearerToken | undefined {
  const found = frames[mechanism].exec(octets.toString('utf8'))
  if (!found) return undefined
  const { login = '', token = '' } = found.groups ?? {}
  return { login: login.replace(/=2C/g, ',').replace(/=3D/g, '='), token }
}

interface Kind {
  readonly kind: string
  /** Of a refusal: whose tokens are good here. */
  readonly issuer?: string
}

/**
 * RFC 7628, and XOAUTH2. A client whose token was no good is told why (§3.2.2), and says one thing more, whatever it is, before the
 * protocol refuses.
 */
export async function bearerExchange<Stopped, Verdict extends Kind>(
  ask: Ask<Stopped>,
  mechanism: BearerMechanism,
  verify: (given: BearerToken) => Promise<Verdict>,
): Promise<Verdict | Stopped | 'malformed'> {
  const frame = await ask('')
  if (!Buffer.isBuffer(frame)) return frame
  const given = readBearer(mechanism, frame)
  if (!given) return 'malformed'
  const verdict = await verify(given)
  if (verdict.kind !== 'refused') return verdict
  const last = await ask(JSON.stringify(whyNot(verdict)))
  // Where nobody is there any more, there is nobody to refuse.
  return last === undefined ? last : verdict
}

/** `schemes` is what XOAUTH2's clients look for. */
const whyNot = ({ issuer }: Kind) => ({
  status: 'invalid_token',
  schemes: 'bearer',
  ...(issuer !== undefined && { 'openid-configuration': `${issuer}/.well-known/openid-configuration` }),
})
