import { BadSyntax } from './bad-syntax.ts'

/** RFC 5802 §7, the server's side: what the client says, and what it is told. Proofs are checked elsewhere. */
export interface ClientFirst {
  /** `y` can bind and believes that we cannot; with a type it does. */
  readonly binding: 'no' | 'thinks-not' | { readonly type: string }
  /** On whose behalf; empty is the user himself. */
  readonly authorization: string
  readonly user: string
  readonly nonce: string
  /** As they came, for what is signed. */
  readonly gs2Header: string
  readonly bare: string
}

export interface ClientFinal {
  /** Base 64, of what the two sides share and of the first header. */
  readonly binding: string
  readonly nonce: string
  /** Base 64. */
  readonly proof: string
  readonly withoutProof: string
}

const longest = 4_096
const first =
  /^(?<header>(?<flag>n|y|p=(?<type>[\dA-Za-z.-]{1,64})),(?:a=(?<authorization>[^,]{1,1024}))?,)(?<bare>n=(?<user>[^,]{1,1024}),r=(?<nonce>[\x21-\x2b\x2d-\x7e]{1,512})(?:,[A-Za-z]=[^,]*)*)$/
const final =
  /^(?<withoutProof>c=(?<binding>[\dA-Za-z+/]{1,2048}={0,2}),r=(?<nonce>[\x21-\x2b\x2d-\x7e]{1,1024})(?:,[A-Za-z]=[^,]*)*),p=(?<proof>[\dA-Za-z+/]{43}=)$/

/** Throws `BadSyntax`; also where the client wants an extension (`m=`), as the RFC asks. */
export function readClientFirst(text: string): ClientFirst {
  const {
    header = '',
    flag,
    type,
    authorization = '',
    bare = '',
    user = '',
    nonce = '',
  } = matched(first, text)
  const bindings = { n: 'no', y: 'thinks-not' } as const
  return {
    binding: flag === 'n' || flag === 'y' ? bindings[flag] : { type: type ?? '' },
    authorization: name(authorization),
    user: name(user),
    nonce,
    gs2Header: header,
    bare,
  }
}

/** Throws `BadSyntax`. */
export function readClientFinal(text: string): ClientFinal {
  const { withoutProof = '', binding = '', nonce = '', proof = '' } = matched(final, text)
  return { withoutProof, binding, nonce, proof }
}

/** Only printable octets and no comma may be in `serverNonce`. `salt` is base 64. */
export function serverFirst(
  { nonce }: ClientFirst,
  offer: { readonly serverNonce: string; readonly salt: string; readonly iterations: number },
): string {
  return `r=${nonce}${offer.serverNonce},s=${offer.salt},i=${offer.iterations}`
}

/** What both sides sign. */
export function authMessage(client: ClientFirst, serverFirstMessage: string, answer: ClientFinal): string {
  return `${client.bare},${serverFirstMessage},${answer.withoutProof}`
}

/**
 * True where the answer belongs to the offer, and both ends see the same connection. `bound` is what the connection has to be
 * bound to, of the type the client named; undefined where it named none. RFC 5802 §6.
 */
export function belongs(
  client: ClientFirst,
  { nonce, binding }: ClientFinal,
  { serverNonce, bound }: { readonly serverNonce: string; readonly bound?: Uint8Array },
): boolean {
  const expected = Buffer.concat([Buffer.from(client.gs2Header), bound ?? new Uint8Array()])
  return nonce === `${client.nonce}${serverNonce}` && binding === expected.toString('base64')
}

/** `serverSignature` is base 64. */
export const serverFinal = (serverSignature: string): string => `v=${serverSignature}`

function matched(pattern: RegExp, text: string): Readonly<Record<string, string | undefined>> {
  const found = text.length > longest ? null : pattern.exec(text)
  if (!found) throw new BadSyntax('a SCRAM message', 0)
  return found.groups ?? {}
}

/** RFC 5802 §5.1: a comma is `=2C`, an equals sign `=3D`, and no other is allowed. */
function name(text: string): string {
  const odd = /=(?!2C|3D)/.exec(text)
  if (odd) throw new BadSyntax('a name in which = is written =3D', odd.index)
  return text.replace(/=2C/g, ',').replace(/=3D/g, '=')
}
