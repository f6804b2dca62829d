import type { Ask } from './sasl.ts'

/** What RFC 6750 calls b64token. */
const oauthBearer =
  /^n,(?:a=(?<login>[^,\x01]{1,1024}))?,\x01(?:(?!auth=)[A-Za-z]+=[^\x01]*\x01)*auth=Bearer (?<token>[A-Za-z0-9._~+/=-]{1,8192})\x01(?:[A-Za-z]+=[^\x01]*\x01)*\x01$/i
/** Google's and Microsoft's own, from before there was a standard. */
const xoauth2 =
  /^user=(?<login>[^\x01]{1,1024})\x01auth=Bearer (?<token>[A-Za-z0-9._~+/=-]{1,8192})\x01\x01$/i

const frames = { OAUTHBEARER: oauthBearer, XOAUTH2: xoauth2 } as const

export type BearerMechanism = keyof typeof frames

export interface BearerToken {
  readonly login: string
  readonly token: string
}

/** RFC 7628 §3.1: what the client says first, and all it says where the token is good. */
export function readBearer(mechanism: BearerMechanism, octets: Buffer): BearerToken | undefined {
  const { login = '', token } = frames[mechanism].exec(octets.toString('utf8'))?.groups ?? {}
  return token === undefined ? undefined : { login: login.replace(/=2C/g, ',').replace(/=3D/g, '='), token }
}

/**
 * RFC 7628 §3.2.2: a client whose token was no good is told why, and says one thing more (whatever it is) before the protocol
 * refuses. Resolves with how the exchange was stopped, where it was.
 */
export async function refuseBearer<Stopped>(ask: Ask<Stopped>): Promise<Stopped | undefined> {
  const answer = await ask('{"status":"invalid_token","schemes":"bearer"}')
  return Buffer.isBuffer(answer) ? undefined : answer
}
