import { BadSyntax } from './bad-syntax.ts'
import {
  authMessage,
  belongs,
  type ClientFirst,
  readClientFinal,
  readClientFirst,
  serverFinal,
  serverFirst,
} from './scram.ts'

/** RFC 4954 §4: strict base64, undefined where it is none. */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return Buffer.from(text, 'base64')
}

/** RFC 4616 §2: `[authzid] NUL authcid NUL passwd`. Acting for somebody else is not offered. */
export function plainCredentials(bytes: Buffer): { login: string; password: string } | undefined {
  const [onBehalfOf, login, password, ...more] = textOf(bytes).split('\0')
  if (!login || password === undefined || more.length > 0) return undefined
  return onBehalfOf === '' || onBehalfOf === login ? { login, password } : undefined
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const windows1252 = new TextDecoder('windows-1252')

/** UTF-8 (RFC 4616 §2), or windows-1252 where it is none: old clients send passwords as their system has them. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return windows1252.decode(bytes)
  }
}

/** Says a challenge and resolves with the octets that answer it, or with how the exchange ended instead. */
export type Ask<Stopped> = (challenge: string) => Promise<Buffer | Stopped>

export interface Credentials {
  readonly login: string
  readonly password: string
}

/** RFC 4616. */
export async function plainExchange<Stopped>(
  ask: Ask<Stopped>,
): Promise<Credentials | Stopped | 'malformed'> {
  const answer = await ask('')
  if (!Buffer.isBuffer(answer)) return answer
  return plainCredentials(answer) ?? 'malformed'
}

/** draft-murchison-sasl-login: never a standard, and what Outlook speaks. */
export async function loginExchange<Stopped>(ask: Ask<Stopped>): Promise<Credentials | Stopped> {
  const login = await ask('Username:')
  if (!Buffer.isBuffer(login)) return login
  const password = await ask('Password:')
  if (!Buffer.isBuffer(password)) return password
  return { login: textOf(login), password: textOf(password) }
}

interface Kind {
  readonly kind: string
}

interface Offer {
  readonly kind: 'offer'
  readonly salt: string
  readonly iterations: number
}

/** Who knows the secrets. What is neither an offer nor a proof that was accepted ends the exchange. */
interface ScramChecks<Begun extends Kind, Verdict extends Kind> {
  /** Printable octets without a comma. RFC 5802 §5.1. */
  readonly nonce: string
  readonly begin: (login: string) => Promise<Begun>
  /** An accepted proof comes with `serverSignature`. */
  readonly finish: (login: string, answer: { authMessage: string; proof: string }) => Promise<Verdict>
}

/** The connection that the exchange may be bound to. RFC 5802 §6. */
export interface Channel {
  /** The client asked for the mechanism that ends in `-PLUS`. */
  readonly isBound: boolean
  /** That mechanism is offered here. */
  readonly mayBind: boolean
  bindingOf(type: string): Uint8Array | undefined
}

const unbound: Channel = { isBound: false, mayBind: false, bindingOf: () => undefined }

/**
 * RFC 5802: the client speaks first. The last challenge carries the server's signature, which the client acknowledges before
 * the protocol says that all is well (RFC 4422 §3.6).
 */
export async function scramExchange<Stopped, Begun extends Kind, Verdict extends Kind>(
  ask: Ask<Stopped>,
  { nonce, begin, finish }: ScramChecks<Begun, Verdict>,
  channel: Channel = unbound,
): Promise<Exclude<Begun, Offer> | Verdict | Stopped | 'malformed'> {
  const opening = await ask('')
  if (!Buffer.isBuffer(opening)) return opening
  const client = read(() => readClientFirst(opening.toString('utf8')))
  const bound = client && boundTo(client, channel)
  // Acting for somebody else is not offered.
  if (!client || bound === 'not-as-offered') return 'malformed'
  if (client.authorization !== '' && client.authorization !== client.user) return 'malformed'
  const offer: Begun = await begin(client.user)
  if (!isOffer(offer)) return offer as Exclude<Begun, Offer>
  const challenge = serverFirst(client, { serverNonce: nonce, ...offer })
  const closing = await ask(challenge)
  if (!Buffer.isBuffer(closing)) return closing
  const answer = read(() => readClientFinal(closing.toString('utf8')))
  if (!answer || !belongs(client, answer, { serverNonce: nonce, ...(bound && { bound }) })) return 'malformed'
  const signed = authMessage(client, challenge, answer)
  const verdict = await finish(client.user, { authMessage: signed, proof: answer.proof })
  if (!isProven(verdict)) return verdict
  const acknowledged = await ask(serverFinal(verdict.serverSignature))
  return Buffer.isBuffer(acknowledged) ? verdict : acknowledged
}

/**
 * What the client's proof has to name of the connection. RFC 5802 §6: with `-PLUS` it names a type; without, a client that
 * believes nothing was offered where something was has been lied to on the way.
 */
function boundTo({ binding }: ClientFirst, channel: Channel): Uint8Array | undefined | 'not-as-offered' {
  if (typeof binding === 'object') {
    return (channel.isBound && channel.bindingOf(binding.type)) || 'not-as-offered'
  }
  const isDowngraded = binding === 'thinks-not' && channel.mayBind
  return channel.isBound || isDowngraded ? 'not-as-offered' : undefined
}

const isOffer = (begun: Kind): begun is Offer => begun.kind === 'offer'

function isProven<Verdict extends Kind>(
  verdict: Verdict,
): verdict is Verdict & { readonly serverSignature: string } {
  return 'serverSignature' in verdict
}

function read<T>(grammar: () => T): T | undefined {
  try {
    return grammar()
  } catch (error) {
    if (error instanceof BadSyntax) return undefined
    throw error
  }
}
