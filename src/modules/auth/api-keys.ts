import { createHash, randomBytes } from 'node:crypto'
import type { Address } from '../../lib/address.ts'
import { parseNetworks } from '../../lib/networks.ts'
import type { ApiKeyRow, ApiKeySettings, ApiKeys } from '../../ports/api-access.ts'
import type { Refusal } from '../../ports/directory-writer.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import { inUse, refusal } from './admin/refusals.ts'
import type { Directory } from './directory/directory.ts'
import { and, eq } from './directory/drizzle.ts'
import { apiKeys, departures, domains, grants, users } from './directory/schema.ts'
import { orLater } from './directory/trouble.ts'
import { worksFrom } from './sign-in/tokens.ts'

interface Needs {
  readonly directory: Directory
  readonly clock: Clock
  readonly log: Log
}

/** Finds the key that a secret is. */
export type FindApiKey = (
  secret: string,
  ip: string,
) => Promise<Stored | 'expired' | 'network' | 'owner' | undefined>

const noteEveryMs = 60_000
const mostKeys = 1000
const secretForm = /^hpk_[\w-]{43}$/

export function createApiKeys({ directory, clock }: Needs): ApiKeys {
  return {
    list: async () => {
      const rows = await directory.database.db
        .select({ key: apiKeys, owner: users.address })
        .from(apiKeys)
        .leftJoin(users, eq(users.account, apiKeys.owner))
        .orderBy(apiKeys.name)
      return rows.map(({ key, owner }) => keyRow(key, owner ?? undefined))
    },

    add: (key, actor) =>
      orLater(async () => {
        const wrong = problem(key)
        if (wrong) return wrong
        const secret = `hpk_${randomBytes(32).toString('base64url')}`
        return directory.writeQuietly(async (rows) => {
          await rows.holdVersion()
          const barred = await roomFor(rows.db, key)
          const placed = barred ?? (await place(rows.db, key))
          if ('kind' in placed) return placed
          const { name, scopes, networks, expires, domain } = key
          const unused = { createdAt: clock.now(), lastUsedAt: null, lastUsedBy: '' }
          const expiresAt = expires === 'never' ? null : expires
          const row = { id: digestOf(secret), name, scopes, networks, expiresAt, ...placed, ...unused }
          await rows.db.insert(apiKeys).values(row)
          const said = { scopes, networks, expires, domain }
          const columns = Object.entries(said).map(([column, to]) => ({ column, from: undefined, to }))
          const at = rows.now()
          await rows.writeAudit([{ at, actor, on: 'api-key', key: name, did: 'created', columns }])
          return { kind: 'added', secret } as const
        })
      }),

    delete: (name, actor) =>
      orLater(() =>
        directory.writeQuietly(async (rows) => {
          await rows.holdVersion()
          const [found] = await rows.db.select().from(apiKeys).where(eq(apiKeys.name, name))
          if (!found) return { kind: 'missing' } as const
          await rows.db.delete(apiKeys).where(eq(apiKeys.id, found.id))
          await rows.writeAudit([
            { at: rows.now(), actor, on: 'api-key', key: name, did: 'deleted', columns: [] },
          ])
          return { kind: 'changed' } as const
        }),
      ),
  }
}

/** Found by a digest: 256 random bits need no slow hash, and looking takes the same time wherever two differ. */
export function findApiKey({ directory, clock, log }: Needs): FindApiKey {
  return async (secret, ip) => {
    if (!secretForm.test(secret)) return undefined
    const id = digestOf(secret)
    const [found] = await directory.database.db.select().from(apiKeys).where(eq(apiKeys.id, id))
    if (!found) return undefined
    const now = clock.now()
    if (found.expiresAt !== null && found.expiresAt <= now) return 'expired'
    if (!worksFrom(found.networks, ip)) return 'network'
    if (!(await isOwned(directory.database.db, found))) return 'owner'
    if ((found.lastUsedAt ?? 0) + noteEveryMs <= now || found.lastUsedBy !== ip)
      await directory
        .writeQuietly(async ({ db }) => {
          await db.update(apiKeys).set({ lastUsedAt: now, lastUsedBy: ip }).where(eq(apiKeys.id, id))
        })
        // Who may use it may go on where the database takes no writes for a moment.
        .catch((cause: unknown) => log.error('api.key-use-not-written', cause, { name: found.name }))
    return found
  }
}

async function roomFor(db: Db, { name }: ApiKeySettings): Promise<Refusal | undefined> {
  const known = await db.select({ name: apiKeys.name }).from(apiKeys)
  if (known.some((key) => key.name === name)) return inUse(`The key ${name}`)
  return known.length >= mostKeys ? refusal('limit', `There are ${mostKeys} keys. Delete some.`) : undefined
}

/** Where it reaches, and whose it is, as they are stored. */
async function place(
  db: Db,
  { domain, owner }: ApiKeySettings,
): Promise<Pick<Stored, 'domain' | 'owner'> | Refusal> {
  if (domain === undefined) return { domain: null, owner: null }
  const [known] = await db.select({ name: domains.name }).from(domains).where(eq(domains.name, domain))
  if (!known) return refusal('invalid', `There is no domain ${domain}.`)
  if (owner === undefined) return { domain, owner: null }
  const [user] = await db.select({ account: users.account }).from(users).where(eq(users.address, owner))
  return user ? { domain, owner: user.account } : refusal('invalid', `There is no user ${owner}.`)
}

/** Who made it still manages its domain. */
async function isOwned(db: Db, { domain, owner }: Stored): Promise<boolean> {
  if (owner === null) return true
  const [user] = await db
    .select({ enabled: users.enabled, isGlobal: users.globalAdmin, leaves: departures.deleteAt })
    .from(users)
    .leftJoin(departures, eq(departures.account, users.account))
    .where(eq(users.account, owner))
  if (!user || domain === null || !user.enabled || user.leaves !== null) return false
  if (user.isGlobal) return true
  const granted = and(eq(grants.kind, 'manager'), eq(grants.domain, domain), eq(grants.account, owner))
  return (await db.select({ kind: grants.kind }).from(grants).where(granted)).length > 0
}

/** A manager's work: what goes beyond a domain, or sets its limits, is not his. */
const withinDomain = /^(?:domain:read|(?:user|alias|token|session|trace):(?:read|write))$/

function problem({ name, scopes, networks, expires, domain, owner }: ApiKeySettings): Refusal | undefined {
  if (!/^[\w.@-]{1,64}$/.test(name))
    return refusal('invalid', 'The name of a key is up to 64 letters, digits, dots, @, _ and -.')
  if (scopes.length === 0) return refusal('invalid', 'Say what the key is for, such as alias:write.')
  const [wrong] = parseNetworks(networks).wrong
  if (wrong !== undefined) return refusal('invalid', `“${wrong}” is no network. Write it like 192.0.2.0/24.`)
  const beyond = domain === undefined ? undefined : scopes.find((scope) => !withinDomain.test(scope))
  if (beyond !== undefined) return refusal('invalid', `A key for one domain cannot have ${beyond}.`)
  if (owner !== undefined && domain === undefined)
    return refusal('invalid', 'A manager’s key is for one of his domains.')
  if (expires !== 'never' && !(Number.isSafeInteger(expires) && expires >= 0))
    return refusal('invalid', 'A key expires at an instant, or never.')
  return undefined
}

type Db = Directory['database']['db']
type Stored = typeof apiKeys.$inferSelect

const keyRow = (
  { name, scopes, networks, expiresAt, createdAt, lastUsedAt, lastUsedBy, domain }: Stored,
  owner: Address | undefined,
): ApiKeyRow => ({
  name,
  scopes,
  networks,
  expires: expiresAt ?? 'never',
  createdAt,
  lastUsed: lastUsedAt === null ? undefined : { at: lastUsedAt, by: lastUsedBy },
  domain: domain ?? undefined,
  owner,
})

const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
