import { randomBytes } from 'node:crypto'
import type { AccountId } from '../../../ports/accounts.ts'
import { and, asc, count, eq, lt, sql } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { factors, recoveryCodes, users } from '../directory/schema.ts'
import { newRecoveryCodes, recoveryDigest } from './recovery-codes.ts'

type Db = Repository['db']
export type Factor = typeof factors.$inferSelect

export const readFactors = (db: Db, account: AccountId): Promise<Factor[]> =>
  db
    .select()
    .from(factors)
    .where(eq(factors.account, account))
    .orderBy(asc(factors.createdAt), asc(factors.id))

export const newFactorId = (): string => randomBytes(16).toString('hex')

/** Answers with new recovery codes where it is the first one. */
export async function addFactor(
  { db }: Repository,
  factor: Omit<Factor, 'lastUsedAt'>,
  isFirst: boolean,
): Promise<readonly string[]> {
  await db.insert(factors).values({ ...factor, lastUsedAt: null })
  if (!isFirst) return []
  // A sign-in under way has been asked for the password alone.
  await db
    .update(users)
    .set({ signInVersion: sql`${users.signInVersion} + 1` })
    .where(eq(users.account, factor.account))
  return replaceRecoveryCodes(db, factor.account)
}

export async function replaceRecoveryCodes(db: Db, account: AccountId): Promise<readonly string[]> {
  const codes = newRecoveryCodes()
  await db.delete(recoveryCodes).where(eq(recoveryCodes.account, account))
  for (const code of codes)
    await db.insert(recoveryCodes).values({ id: recoveryDigest(account, code) ?? '', account })
  return codes
}

export async function recoveryCodesLeft(db: Db, account: AccountId): Promise<number> {
  const [row] = await db.select({ n: count() }).from(recoveryCodes).where(eq(recoveryCodes.account, account))
  return row?.n ?? 0
}

/** Of a person's last factor the recovery codes go too. */
export async function removeFactors(
  { db }: Repository,
  going: readonly Factor[],
  staying: number,
): Promise<void> {
  for (const { id } of going) await db.delete(factors).where(eq(factors.id, id))
  const [first] = going
  if (first && staying === 0) await db.delete(recoveryCodes).where(eq(recoveryCodes.account, first.account))
}

/** False where this step, or one after it, was used before. */
export async function useStep({ db, now }: Repository, id: string, step: number): Promise<boolean> {
  const unused = and(eq(factors.id, id), lt(factors.counter, step))
  const found = await db.select({ id: factors.id }).from(factors).where(unused)
  if (found.length === 0) return false
  await db.update(factors).set({ counter: step, lastUsedAt: now() }).where(eq(factors.id, id))
  return true
}

/** False where there is no such code, or it was used before. */
export async function useRecoveryCode({ db }: Repository, id: string): Promise<boolean> {
  const found = await db.select().from(recoveryCodes).where(eq(recoveryCodes.id, id))
  await db.delete(recoveryCodes).where(eq(recoveryCodes.id, id))
  return found.length > 0
}

export async function factorWith({ db }: Pick<Repository, 'db'>, id: string): Promise<Factor | undefined> {
  const [row] = await db.select().from(factors).where(eq(factors.id, id))
  return row
}

/** False where an authenticator that counts was used more often before: somebody has a copy of it. WebAuthn §6.1.1 */
export async function useCounter({ db, now }: Repository, id: string, counter: number): Promise<boolean> {
  const row = await factorWith({ db }, id)
  if (!row || (counter > 0 && counter <= row.counter)) return false
  await db.update(factors).set({ counter, lastUsedAt: now() }).where(eq(factors.id, id))
  return true
}

interface Noted {
  readonly address: string
  readonly actor: string
  readonly from?: string
  readonly to?: string
}

/** Into the audit. */
export async function noteFactor(rows: Repository, { address: key, actor, from, to }: Noted): Promise<void> {
  const columns = [{ column: 'secondFactor', from, to }]
  await rows.writeAudit([{ at: rows.now(), actor, on: 'user', key, did: 'modified', columns }])
}
