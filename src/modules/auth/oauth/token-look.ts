import { isSameSecret } from '../../../lib/same-secret.ts'
import type { TokenFacts } from '../../../ports/oauth.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { Directory } from '../directory/directory.ts'
import { eq } from '../directory/drizzle.ts'
import { oauthGrants } from '../directory/schema.ts'
import type { SessionSettings } from '../sessions.ts'
import { type Grant, grantWith, ownerOf } from './grant-rows.ts'
import { digestOf, readToken } from './secret-text.ts'

interface Needs {
  readonly directory: Directory
  readonly settings: SessionSettings
  readonly clock: Clock
  readonly log: Log
}

/** `none`: it has not the form of one. `ended`: it is good no more, or never was. */
export type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'good'; readonly facts: TokenFacts; readonly grant: string }
export type FindToken = (token: string) => Promise<Found>
/** A use by somebody at this address is written down. */
export type UseToken = (token: string, ip: string) => Promise<Found>

const noteEveryMs = 60_000

/** What a token is, asked of the directory each time: what was taken back is good no more at once. */
export function createTokenLook({ directory, settings, clock }: Needs): FindToken {
  const goodUntil = (grant: Grant, token: string): number | undefined => {
    const digest = digestOf(token)
    const is = (known: string) => known !== '' && isSameSecret(digest, known)
    if (readToken('access', token)) return is(grant.accessToken) ? grant.accessExpiresAt : undefined
    return is(grant.refreshToken) ? grant.expiresAt : undefined
  }

  return async (token) => {
    const kind = readToken('access', token) ? 'access' : 'refresh'
    const read = readToken(kind, token)
    if (!read) return { kind: 'none' }
    const { repository } = directory
    const grant = await grantWith(repository.db, read.grant)
    const expiresAt = grant && goodUntil(grant, token)
    if (!grant || expiresAt === undefined || expiresAt <= clock.now()) return { kind: 'ended' }
    const person = await ownerOf(repository, grant, settings)
    if (!person) return { kind: 'ended' }
    const { account, address, displayedName } = person
    const facts = {
      kind,
      account,
      address,
      name: displayedName || address,
      client: grant.client,
      scopes: kind === 'access' ? grant.accessScopes : grant.scopes,
      issuedAt: grant.accessIssuedAt,
      expiresAt,
    } as const
    return { kind: 'good', facts, grant: grant.id }
  }
}

/** For those who use it: when and from where is written down, once a minute at most. */
export function createTokenUse(look: FindToken, { directory, clock, log }: Needs): UseToken {
  return async (token, ip) => {
    const found = await look(token)
    if (found.kind !== 'good') return found
    const now = clock.now()
    const grant = await grantWith(directory.repository.db, found.grant)
    if (grant && ((grant.lastUsedAt ?? 0) + noteEveryMs <= now || grant.lastUsedBy !== ip))
      await directory
        .writeQuietly(async ({ db }) => {
          await db
            .update(oauthGrants)
            .set({ lastUsedAt: now, lastUsedBy: ip })
            .where(eq(oauthGrants.id, found.grant))
        })
        // Whoever has it may go on where the database takes no writes for a moment.
        .catch((cause: unknown) => log.error('oauth.use-not-written', cause, { client: found.facts.client }))
    return found
  }
}
