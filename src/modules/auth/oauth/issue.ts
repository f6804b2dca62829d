import type { OAuthScope } from '../../../lib/oauth-scopes.ts'
import type { Issued } from '../../../ports/oauth.ts'
import { eq } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { oauthGrants } from '../directory/schema.ts'
import { clientWith } from './clients.ts'
import type { Grant, Person } from './grant-rows.ts'
import type { SigningKeys } from './keys.ts'
import { digestOf, newToken } from './secret-text.ts'

const accessMs = 3_600_000
/** Without use. */
const refreshMs = 180 * 86_400_000

/** Tokens that stand in the directory, and what their ID token is to say: it is signed when the transaction is over. */
export interface Written {
  readonly kind: 'written'
  readonly issued: Omit<Issued, 'kind' | 'idToken'>
  readonly identity: Identity | undefined
}

interface Identity {
  readonly algorithm: 'RS256' | 'ES256'
  readonly claims: Readonly<Record<string, unknown>>
  readonly at: number
}

interface Occasion {
  readonly grant: Grant
  readonly person: Person
  readonly ip: string
  /** Fewer than were allowed. */
  readonly scopes?: readonly OAuthScope[] | undefined
  /** The first ones: the ID token repeats what the client said. */
  readonly nonce?: string
}

/** New tokens; those before are good no more. */
export async function writeTokens(
  { db, now }: Repository,
  { grant, person, ip, scopes = grant.scopes, nonce = '' }: Occasion,
): Promise<Written | { readonly kind: 'invalid' }> {
  const client = await clientWith(db, grant.client)
  // What its registration has lost meanwhile is not given any more.
  const given = scopes.filter((scope) => client?.scopes.includes(scope))
  if (!client || given.length === 0) return { kind: 'invalid' }
  const at = now()
  const accessToken = newToken('access', grant.id)
  const staysOffline = [grant, client].every((each) => each.scopes.includes('offline_access'))
  const refreshToken = staysOffline ? newToken('refresh', grant.id) : undefined
  await db
    .update(oauthGrants)
    .set({
      code: '',
      accessToken: digestOf(accessToken),
      accessScopes: given,
      accessIssuedAt: at,
      accessExpiresAt: at + accessMs,
      refreshToken: refreshToken === undefined ? '' : digestOf(refreshToken),
      expiresAt: at + (refreshToken === undefined ? accessMs : refreshMs),
      lastUsedAt: at,
      lastUsedBy: ip,
    })
    .where(eq(oauthGrants.id, grant.id))
  const identity = given.includes('openid')
    ? { algorithm: client.signing, at, claims: claimsOf({ grant, person, given, nonce }) }
    : undefined
  const issued = { accessToken, refreshToken, scopes: given, expiresInSeconds: accessMs / 1000 }
  return { kind: 'written', issued, identity }
}

export async function signed(keys: SigningKeys, { issued, identity }: Written): Promise<Issued> {
  if (!identity) return { kind: 'issued', ...issued, idToken: undefined }
  const { algorithm, claims, at } = identity
  return {
    kind: 'issued',
    ...issued,
    idToken: await keys.sign(algorithm, claims, { at, until: at + accessMs }),
  }
}

interface About {
  readonly grant: Grant
  readonly person: Person
  readonly given: readonly OAuthScope[]
  readonly nonce: string
}

/** OpenID Connect Core §2, §5.1. A number names the person for good: addresses may change hands. */
function claimsOf({ grant, person, given, nonce }: About): Readonly<Record<string, unknown>> {
  const { account, address, displayedName } = person
  return {
    sub: String(account),
    aud: grant.client,
    // Where another provider signs people in, it may not have told.
    ...(grant.signedInAt > 0 && { auth_time: Math.floor(grant.signedInAt / 1000) }),
    ...(nonce !== '' && { nonce }),
    ...(given.includes('email') && { email: address, email_verified: true }),
    ...(given.includes('profile') && { name: displayedName || address, preferred_username: address }),
  }
}
