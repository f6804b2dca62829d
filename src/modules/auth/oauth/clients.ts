import { randomBytes } from 'node:crypto'
import { redirectUriProblem } from '../../../lib/redirect-uri.ts'
import { isSameSecret } from '../../../lib/same-secret.ts'
import type { Refusal } from '../../../ports/directory-writer.ts'
import type { OAuthClientRow, OAuthClientSettings, OAuthClients } from '../../../ports/oauth.ts'
import { refusal } from '../admin/refusals.ts'
import type { Directory } from '../directory/directory.ts'
import { asc, eq } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { oauthClients } from '../directory/schema.ts'
import { orLater } from '../directory/trouble.ts'
import { without } from '../directory/without.ts'
import { held } from './held.ts'
import { digestOf, newSecret } from './secret-text.ts'

const mostClients = 1000
const mostRedirects = 20

/** Applications that people may let in. */
export function createOAuthClients(directory: Directory): OAuthClients {
  const db = () => directory.database.db

  return {
    list: async () =>
      (await db().select().from(oauthClients).orderBy(asc(oauthClients.name), asc(oauthClients.id))).map(
        clientRow,
      ),

    find: async (id) => {
      const found = await clientWith(db(), id)
      return found && clientRow(found)
    },

    authenticate: async (id, secret) => {
      const found = await clientWith(db(), id)
      if (!found) return undefined
      const isRight =
        found.secret === '' ? secret === undefined : isSameSecret(digestOf(secret ?? ''), found.secret)
      return isRight ? clientRow(found) : undefined
    },

    add: ({ isConfidential, ...client }, actor) =>
      orLater(async () => {
        const wrong = problem(client)
        if (wrong) return wrong
        // Never with a hyphen in front: `homepost oauth set` would take it for an option.
        const id = randomBytes(12).toString('hex')
        const secret = isConfidential ? newClientSecret() : undefined
        return held(directory, async (rows) => {
          if ((await rows.db.select({ id: oauthClients.id }).from(oauthClients)).length >= mostClients)
            return refusal('limit', `There are ${mostClients} applications. Delete some.`)
          const digest = secret === undefined ? '' : digestOf(secret)
          await rows.db.insert(oauthClients).values({ ...client, id, secret: digest, createdAt: rows.now() })
          await note(rows, { actor, key: client.name, did: 'created', to: client })
          return { kind: 'added', id, secret } as const
        })
      }),

    set: (id, to, actor) => orLater(() => held(directory, (rows) => change(rows, { id, to, actor }))),
    newSecret: (id, actor) => orLater(() => held(directory, (rows) => renew(rows, id, actor))),
    delete: (id, actor) => orLater(() => held(directory, (rows) => remove(rows, id, actor))),
  }
}

type Stored = typeof oauthClients.$inferSelect

/** In the audit. */
const on = 'application'

export async function clientWith(db: Repository['db'], id: string): Promise<Stored | undefined> {
  const [found] = await db.select().from(oauthClients).where(eq(oauthClients.id, id))
  return found
}

export const clientRow = (stored: Stored): OAuthClientRow => ({
  ...without(stored, 'secret'),
  isConfidential: stored.secret !== '',
})

const settingsOf = (stored: Stored): OAuthClientSettings => without(stored, 'id', 'secret', 'createdAt')

function problem({ name, redirectUris, scopes, device }: OAuthClientSettings): Refusal | undefined {
  if (name.trim() === '' || name.length > 80 || /\p{Cc}/u.test(name))
    return refusal('invalid', 'The name of an application has up to 80 characters: people are shown it.')
  if (redirectUris.length > mostRedirects)
    return refusal('invalid', `An application has at most ${mostRedirects} addresses for answers.`)
  const wrong = redirectUris.map(redirectUriProblem).find((each) => each !== undefined)
  if (wrong !== undefined) return refusal('invalid', wrong)
  if (redirectUris.length === 0 && !device)
    return refusal('invalid', 'Say where answers go, or that the application is used by a code.')
  if (scopes.length === 0) return refusal('invalid', 'Say what the application may ask for, such as openid.')
  return undefined
}

async function change(
  rows: Repository,
  {
    id,
    to,
    actor,
  }: { readonly id: string; readonly to: Partial<OAuthClientSettings>; readonly actor: string },
) {
  const found = await clientWith(rows.db, id)
  if (!found) return missing
  const before = settingsOf(found)
  const after = { ...before, ...to }
  const wrong = problem(after)
  if (wrong) return wrong
  await rows.db.update(oauthClients).set(after).where(eq(oauthClients.id, id))
  await note(rows, { actor, key: found.name, did: 'modified', from: before, to: after })
  return { kind: 'changed' } as const
}

async function renew(rows: Repository, id: string, actor: string) {
  const found = await clientWith(rows.db, id)
  if (!found || found.secret === '') return missing
  const secret = newClientSecret()
  await rows.db
    .update(oauthClients)
    .set({ secret: digestOf(secret) })
    .where(eq(oauthClients.id, id))
  const columns = [{ column: 'secret', from: '<hidden>', to: '<hidden>' }]
  await rows.writeAudit([{ at: rows.now(), actor, on, key: found.name, did: 'modified', columns }])
  return { kind: 'made', secret } as const
}

async function remove(rows: Repository, id: string, actor: string) {
  const found = await clientWith(rows.db, id)
  if (!found) return missing
  await rows.db.delete(oauthClients).where(eq(oauthClients.id, id))
  await note(rows, { actor, key: found.name, did: 'deleted' })
  return { kind: 'changed' } as const
}

const missing = { kind: 'missing' } as const
const newClientSecret = () => `hps_${newSecret()}`

interface Note {
  readonly actor: string
  readonly key: string
  readonly did: 'created' | 'modified' | 'deleted'
  readonly from?: OAuthClientSettings
  readonly to?: OAuthClientSettings
}

async function note(rows: Repository, { actor, key, did, from, to }: Note): Promise<void> {
  const names = ['name', 'redirectUris', 'scopes', 'device', 'signing'] as const
  const columns = names
    .map((column) => ({ column, from: from?.[column], to: to?.[column] }))
    .filter((each) => JSON.stringify(each.from) !== JSON.stringify(each.to))
  await rows.writeAudit([{ at: rows.now(), actor, on, key, did, columns }])
}
