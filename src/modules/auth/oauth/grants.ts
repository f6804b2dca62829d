import { createHash } from 'node:crypto'
import { isSameSecret } from '../../../lib/same-secret.ts'
import type { Approval, OAuthGrants, Redemption, Refreshing } from '../../../ports/oauth.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { Directory } from '../directory/directory.ts'
import { desc, eq } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { oauthClients, oauthConsents, oauthGrants, users } from '../directory/schema.ts'
import { orLater } from '../directory/trouble.ts'
import type { SessionSettings } from '../sessions.ts'
import {
  addGrant,
  codeMs,
  consentOf,
  dropConsent,
  dropGrant,
  type Grant,
  grantWith,
  nameOfClient,
  noteGrant,
  ownerOf,
  personAt,
  remember,
} from './grant-rows.ts'
import { held } from './held.ts'
import { signed, type Written, writeTokens } from './issue.ts'
import type { SigningKeys } from './keys.ts'
import { digestOf, newToken, readToken } from './secret-text.ts'
import type { FindToken } from './token-look.ts'

export interface GrantNeeds {
  readonly directory: Directory
  readonly keys: SigningKeys
  readonly settings: SessionSettings
  readonly clock: Clock
  readonly log: Log
}

const invalid = { kind: 'invalid' } as const

/** What people allow applications, and the tokens that come of it. Invariant: of each that was allowed, one token of a kind is good at a time. */
export function createOAuthGrants({
  look,
  ...needs
}: GrantNeeds & { readonly look: FindToken }): OAuthGrants {
  const { directory, keys } = needs
  const issuing = async <T extends { readonly kind: 'invalid' | 'wrong-scope' }>(
    write: (rows: Repository) => Promise<Written | T>,
  ) => {
    const written = await held(directory, write)
    return isWritten(written) ? signed(keys, written) : written
  }

  return {
    allowed: async (account, client) =>
      (await consentOf(directory.database.db, account, client))?.scopes ?? [],
    allow: (asked) => orLater(() => held(directory, (rows) => allow(rows, asked, needs))),
    redeem: (asked) => orLater(() => issuing((rows) => redeem(rows, asked, needs))),
    refresh: (asked) => orLater(() => issuing((rows) => refresh(rows, asked, needs))),
    revoke: (client, token) => orLater(() => held(directory, (rows) => revoke(rows, client, token))),

    inspect: async (token) => {
      const found = await look(token)
      return found.kind === 'good' ? found.facts : undefined
    },

    list: async (account) => {
      const { db } = directory.database
      const allowed = await db
        .select({ row: oauthConsents, name: oauthClients.name })
        .from(oauthConsents)
        .innerJoin(oauthClients, eq(oauthClients.id, oauthConsents.client))
        .where(eq(oauthConsents.account, account))
        .orderBy(oauthClients.name)
      const uses = await db
        .select({ client: oauthGrants.client, at: oauthGrants.lastUsedAt, by: oauthGrants.lastUsedBy })
        .from(oauthGrants)
        .where(eq(oauthGrants.account, account))
        .orderBy(desc(oauthGrants.lastUsedAt))
      return allowed.map(({ row: { client, scopes, createdAt: since }, name }) => {
        const use = uses.find((each) => each.client === client && each.at !== null)
        return { client, name, scopes, since, lastUsed: use && { at: use.at ?? 0, by: use.by } }
      })
    },

    withdraw: (account, client, actor) =>
      orLater(() =>
        held(directory, async (rows) => {
          if (!(await consentOf(rows.db, account, client))) return { kind: 'missing' } as const
          const [person] = await rows.db.select().from(users).where(eq(users.account, account))
          await dropConsent(rows.db, account, client)
          await noteGrant(rows, { client, address: person?.address ?? '', actor, did: 'deleted' })
          return { kind: 'withdrawn' } as const
        }),
      ),
  }
}

const isWritten = (outcome: { readonly kind: string }): outcome is Written => outcome.kind === 'written'

async function allow(rows: Repository, asked: Approval, { settings }: GrantNeeds) {
  const found = await personAt(rows, asked.session, settings)
  if (!found) return { kind: 'over' } as const
  const { person, signedInAt } = found
  const { account, signInVersion, address } = person
  const isMore = await remember(rows, { ...asked, account })
  if (isMore) await noteGrant(rows, { ...asked, address, actor: address, did: 'created' })
  const expiresAt = rows.now() + codeMs
  const grant = await addGrant(rows, { ...asked, account, signInVersion, signedInAt, expiresAt })
  const code = newToken('code', grant.id)
  await rows.db
    .update(oauthGrants)
    .set({ code: digestOf(code) })
    .where(eq(oauthGrants.id, grant.id))
  return { kind: 'allowed', code } as const
}

async function redeem(rows: Repository, asked: Redemption, { settings, log }: GrantNeeds) {
  const read = readToken('code', asked.code)
  const grant = read && (await grantWith(rows.db, read.grant))
  if (!grant) return invalid
  const person = await ownerOf(rows, grant, settings)
  if (!person || !isCodeOf(grant, asked) || grant.createdAt + codeMs <= rows.now()) {
    await replayed(rows, { grant, what: 'code', by: asked, log })
    return invalid
  }
  return writeTokens(rows, { grant, person, ip: asked.ip, nonce: grant.nonce })
}

/** RFC 6749 §4.1.3, RFC 7636 §4.6. */
function isCodeOf(grant: Grant, { client, code, redirectUri, verifier }: Redemption): boolean {
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  return (
    grant.code !== '' &&
    isSameSecret(digestOf(code), grant.code) &&
    isSameSecret(challenge, grant.challenge) &&
    grant.client === client &&
    grant.redirectUri === redirectUri
  )
}

async function refresh(rows: Repository, asked: Refreshing, { settings, log }: GrantNeeds) {
  const read = readToken('refresh', asked.token)
  const grant = read && (await grantWith(rows.db, read.grant))
  if (!grant || grant.expiresAt <= rows.now()) return invalid
  const person = await ownerOf(rows, grant, settings)
  const isCurrent = grant.refreshToken !== '' && isSameSecret(digestOf(asked.token), grant.refreshToken)
  if (!person || !isCurrent || grant.client !== asked.client) {
    await replayed(rows, { grant, what: 'refresh token', by: asked, log })
    return invalid
  }
  const { scopes } = asked
  if (scopes?.some((scope) => !grant.scopes.includes(scope))) return { kind: 'wrong-scope' } as const
  return writeTokens(rows, { grant, person, ip: asked.ip, scopes })
}

/** RFC 7009 §2.1: with a refresh token everything ends, with an access token that one. */
async function revoke({ db }: Repository, client: string, token: string) {
  const [access, refreshing] = [readToken('access', token), readToken('refresh', token)]
  const grant = await grantWith(db, (access ?? refreshing)?.grant ?? '')
  if (!grant) return { kind: 'revoked' } as const
  if (grant.client !== client) return { kind: 'foreign' } as const
  if (!access) await dropGrant(db, grant.id)
  else if (digestOf(token) === grant.accessToken)
    await db.update(oauthGrants).set({ accessToken: '' }).where(eq(oauthGrants.id, grant.id))
  return { kind: 'revoked' } as const
}

interface Replay {
  readonly grant: Grant
  readonly what: 'code' | 'refresh token'
  readonly by: { readonly client: string; readonly ip: string }
  readonly log: Log
}

/** RFC 9700 §4.14.2: it cannot be told who is the thief, so nobody has it any more. */
async function replayed(rows: Repository, { grant, what, by, log }: Replay): Promise<void> {
  await dropGrant(rows.db, grant.id)
  const { account, client } = grant
  log.warn('oauth.taken-back', { account, client, shown: what, by: by.client, ip: by.ip })
  const [person] = await rows.db.select().from(users).where(eq(users.account, account))
  const actor = `application ${await nameOfClient(rows.db, by.client)}`
  await noteGrant(rows, { client, address: person?.address ?? '', actor, did: 'deleted' })
}
