import { createHash, randomBytes } from 'node:crypto'
import { parseNetworks } from '../../lib/networks.ts'
import type { ApiKeyRow, ApiKeySettings, ApiKeys } from '../../ports/api-access.ts'
import type { Refusal } from '../../ports/directory-writer.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import { inUse, refusal } from './admin/refusals.ts'
import type { Directory } from './directory/directory.ts'
import { eq } from './directory/drizzle.ts'
import { apiKeys } from './directory/schema.ts'
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
) => Promise<ApiKeyRow | 'expired' | 'network' | undefined>

const noteEveryMs = 60_000
const mostKeys = 1000
const secretForm = /^hpk_[\w-]{43}$/

export function createApiKeys({ directory, clock }: Needs): ApiKeys {
  return {
    list: async () => (await directory.database.db.select().from(apiKeys).orderBy(apiKeys.name)).map(keyRow),

    add: (key, actor) =>
      orLater(async () => {
        const wrong = problem(key)
        if (wrong) return wrong
        const secret = `hpk_${randomBytes(32).toString('base64url')}`
        return directory.write(async (rows) => {
          const known = await rows.db.select({ name: apiKeys.name }).from(apiKeys)
          if (known.some(({ name }) => name === key.name)) return inUse(`The key ${key.name}`)
          if (known.length >= mostKeys) return refusal('limit', `There are ${mostKeys} keys. Delete some.`)
          const { name, scopes, networks, expires } = key
          const expiresAt = expires === 'never' ? null : expires
          const unused = { createdAt: clock.now(), lastUsedAt: null, lastUsedBy: '' }
          await rows.db
            .insert(apiKeys)
            .values({ id: digestOf(secret), name, scopes, networks, expiresAt, ...unused })
          const columns = [
            { column: 'scopes', from: undefined, to: scopes },
            { column: 'networks', from: undefined, to: networks },
            { column: 'expires', from: undefined, to: expires },
          ]
          const at = rows.now()
          await rows.writeAudit([{ at, actor, on: 'api-key', key: name, did: 'created', columns }])
          return { kind: 'added', secret } as const
        })
      }),

    delete: (name, actor) =>
      orLater(() =>
        directory.write(async (rows) => {
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
    if ((found.lastUsedAt ?? 0) + noteEveryMs <= now || found.lastUsedBy !== ip)
      await directory
        .writeQuietly(async ({ db }) => {
          await db.update(apiKeys).set({ lastUsedAt: now, lastUsedBy: ip }).where(eq(apiKeys.id, id))
        })
        // Who may use it may go on where the database takes no writes for a moment.
        .catch((cause: unknown) => log.error('api.key-use-not-written', cause, { name: found.name }))
    return keyRow(found)
  }
}

function problem({ name, scopes, networks, expires }: ApiKeySettings): Refusal | undefined {
  if (!/^[\w.@-]{1,64}$/.test(name))
    return refusal('invalid', 'The name of a key is up to 64 letters, digits, dots, @, _ and -.')
  if (scopes.length === 0) return refusal('invalid', 'Say what the key is for, such as alias:write.')
  const [wrong] = parseNetworks(networks).wrong
  if (wrong !== undefined) return refusal('invalid', `“${wrong}” is no network. Write it like 192.0.2.0/24.`)
  if (expires !== 'never' && !(Number.isSafeInteger(expires) && expires >= 0))
    return refusal('invalid', 'A key expires at an instant, or never.')
  return undefined
}

type Stored = typeof apiKeys.$inferSelect

const keyRow = ({
  name,
  scopes,
  networks,
  expiresAt,
  createdAt,
  lastUsedAt,
  lastUsedBy,
}: Stored): ApiKeyRow => ({
  name,
  scopes,
  networks,
  expires: expiresAt ?? 'never',
  createdAt,
  lastUsed: lastUsedAt === null ? undefined : { at: lastUsedAt, by: lastUsedBy },
})

const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
