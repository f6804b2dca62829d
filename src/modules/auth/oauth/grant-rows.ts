import type { OAuthScope } from '../../../lib/oauth-scopes.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import { and, asc, eq, lte } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { oauthClients, oauthConsents, oauthGrants, sessions, users } from '../directory/schema.ts'
import { isOver, type SessionSettings } from '../sessions.ts'
import { newGrantId } from './secret-text.ts'

export type Db = Repository['db']
export type Grant = typeof oauthGrants.$inferSelect
export type Person = typeof users.$inferSelect

export const codeMs = 60_000
/** Of one person; those that were begun first make room. */
const mostGrants = 200

export async function grantWith(db: Db, id: string): Promise<Grant | undefined> {
  const [found] = await db.select().from(oauthGrants).where(eq(oauthGrants.id, id))
  return found
}

export const dropGrant = async (db: Db, id: string): Promise<void> => {
  await db.delete(oauthGrants).where(eq(oauthGrants.id, id))
}

/** Whose session it is; undefined where it has ended, or he has something to do first. */
export async function personAt(
  { db, now }: Repository,
  session: string,
  settings: SessionSettings,
): Promise<{ readonly person: Person; readonly signedInAt: number } | undefined> {
  const [row] = await db
    .select({ person: users, session: sessions })
    .from(sessions)
    .innerJoin(users, eq(users.account, sessions.account))
    .where(eq(sessions.id, session))
  if (!row || isOver(row.session, now(), settings)) return undefined
  return row.person.enabled && !row.person.mustChangePassword
    ? { person: row.person, signedInAt: row.session.provedAt }
    : undefined
}

/** Who allowed it, where that still counts: nothing that opens his account has changed since, and the session is there that it is bound to. */
export async function ownerOf(
  { db, now }: Pick<Repository, 'db' | 'now'>,
  grant: Grant,
  settings: SessionSettings,
): Promise<Person | undefined> {
  const [person] = await db.select().from(users).where(eq(users.account, grant.account))
  if (person?.enabled !== true || person.signInVersion !== grant.signInVersion) return undefined
  if (grant.sessionId === '') return person
  const [session] = await db.select().from(sessions).where(eq(sessions.id, grant.sessionId))
  return session && !isOver(session, now(), settings) ? person : undefined
}

type New = Pick<
  Grant,
  | 'account'
  | 'client'
  | 'scopes'
  | 'signInVersion'
  | 'nonce'
  | 'signedInAt'
  | 'redirectUri'
  | 'challenge'
  | 'expiresAt'
> & { readonly session: string }

/** Without a token yet. */
export async function addGrant({ db, now }: Repository, { session, ...asked }: New): Promise<Grant> {
  const { account } = asked
  await db.delete(oauthGrants).where(lte(oauthGrants.expiresAt, now()))
  const others = await db
    .select({ id: oauthGrants.id })
    .from(oauthGrants)
    .where(eq(oauthGrants.account, account))
    .orderBy(asc(oauthGrants.createdAt))
  const tooMany = others.slice(0, Math.max(0, others.length - mostGrants + 1))
  for (const { id } of tooMany) await dropGrant(db, id)
  const unused = {
    accessToken: '',
    accessScopes: [],
    accessIssuedAt: 0,
    accessExpiresAt: 0,
    refreshToken: '',
  }
  const grant: Grant = {
    ...asked,
    ...unused,
    id: newGrantId(),
    // What outlives the browser's session is not bound to it.
    sessionId: asked.scopes.includes('offline_access') ? '' : session,
    createdAt: now(),
    code: '',
    lastUsedAt: null,
    lastUsedBy: '',
  }
  await db.insert(oauthGrants).values(grant)
  return grant
}

/** He is not asked for these again. True where it is more than before. */
export async function remember(
  { db, now }: Repository,
  { account, client, scopes }: Pick<Grant, 'account' | 'client' | 'scopes'>,
): Promise<boolean> {
  const before = await consentOf(db, account, client)
  const more = scopes.filter((scope) => before?.scopes.includes(scope) !== true)
  if (before && more.length === 0) return false
  const all = [...(before?.scopes ?? []), ...more]
  if (before) await db.update(oauthConsents).set({ scopes: all }).where(isOf(account, client))
  else await db.insert(oauthConsents).values({ account, client, scopes: all, createdAt: now() })
  return true
}

export async function consentOf(db: Db, account: AccountId, client: string) {
  const [found] = await db.select().from(oauthConsents).where(isOf(account, client))
  return found
}

const isOf = (account: AccountId, client: string) =>
  and(eq(oauthConsents.account, account), eq(oauthConsents.client, client))

export async function dropConsent(db: Db, account: AccountId, client: string): Promise<void> {
  await db.delete(oauthConsents).where(isOf(account, client))
  const isHis = and(eq(oauthGrants.account, account), eq(oauthGrants.client, client))
  await db.delete(oauthGrants).where(isHis)
}

export async function nameOfClient(db: Db, id: string): Promise<string> {
  const [found] = await db
    .select({ name: oauthClients.name })
    .from(oauthClients)
    .where(eq(oauthClients.id, id))
  return found?.name ?? id
}

/** Into the audit: who let what in, and who took it back. */
export async function noteGrant(
  rows: Repository,
  note: {
    readonly client: string
    readonly address: string
    readonly actor: string
    readonly did: 'created' | 'deleted'
    readonly scopes?: readonly OAuthScope[]
  },
): Promise<void> {
  const { client, address, actor, did, scopes } = note
  const key = `${await nameOfClient(rows.db, client)} of ${address}`
  const columns = scopes ? [{ column: 'scopes', from: undefined, to: scopes }] : []
  await rows.writeAudit([{ at: rows.now(), actor, on: 'application', key, did, columns }])
}
