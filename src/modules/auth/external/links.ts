import { createHash } from 'node:crypto'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Directory } from '../directory/directory.ts'
import { and, asc, eq } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { links, users } from '../directory/schema.ts'

/** Subjects are unique for their issuer alone, and never given again. Core §5.7 */
interface Person {
  readonly issuer: string
  readonly subject: string
}

const idOf = ({ issuer, subject }: Person) =>
  createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex')

export const linksOf = ({ database }: Directory, account: AccountId) =>
  database.db
    .select()
    .from(links)
    .where(eq(links.account, account))
    .orderBy(asc(links.createdAt), asc(links.id))

/** Whose account it is. */
export async function linkedAccount({ database }: Directory, person: Person): Promise<AccountId | undefined> {
  const [row] = await database.db
    .select()
    .from(links)
    .where(eq(links.id, idOf(person)))
  return row?.account
}

export const noteUse = (directory: Directory, person: Person) =>
  directory.writeQuietly(
    async ({ db, now }) =>
      void (await db
        .update(links)
        .set({ lastUsedAt: now() })
        .where(eq(links.id, idOf(person)))),
  )

/** False where somebody else of this issuer has the account already. */
export function link(directory: Directory, account: AccountId, person: Person): Promise<boolean> {
  return directory.writeQuietly(async (rows) => {
    // One after the other: of two at once, the first one has it.
    await rows.holdVersion()
    const id = idOf(person)
    const own = and(eq(links.account, account), eq(links.issuer, person.issuer))
    const [before] = await rows.db.select().from(links).where(own)
    if (before) return before.id === id
    const at = rows.now()
    await rows.db.insert(links).values({ id, account, ...person, createdAt: at, lastUsedAt: at })
    await noteLink(rows, account, { actor: 'provider', to: told(person) })
    return true
  })
}

export function unlink(
  directory: Directory,
  { account, id, actor }: { readonly account: AccountId; readonly id: string; readonly actor: string },
): Promise<boolean> {
  return directory.writeQuietly(async (rows) => {
    await rows.holdVersion()
    const its = and(eq(links.id, id), eq(links.account, account))
    const [row] = await rows.db.select().from(links).where(its)
    if (!row) return false
    await rows.db.delete(links).where(its)
    await noteLink(rows, account, { actor, from: told(row) })
    return true
  })
}

const told = ({ issuer, subject }: Person) => `${subject} at ${issuer}`

async function noteLink(
  rows: Repository,
  account: AccountId,
  { actor, from, to }: { readonly actor: string; readonly from?: string; readonly to?: string },
): Promise<void> {
  const [user] = await rows.db
    .select({ address: users.address })
    .from(users)
    .where(eq(users.account, account))
  const columns = [{ column: 'link', from, to }]
  const key = user?.address ?? ''
  await rows.writeAudit([{ at: rows.now(), actor, on: 'user', key, did: 'modified', columns }])
}
