import type { Refusal } from '../../../ports/directory-admin.ts'
import type { MailAccounts } from '../../../ports/mail-store.ts'
import { isTaken } from '../directory/database.ts'
import type { Directory } from '../directory/directory.ts'
import type { Repository } from '../directory/repository.ts'
import type { PasswordHasher } from '../sign-in/hasher.ts'
import { inUse } from './checks.ts'

export interface AdminParts {
  readonly directory: Directory
  readonly hasher: PasswordHasher
  readonly mailAccounts: MailAccounts
  readonly defaultQuota: number
}

/** Thrown inside a transaction to undo it, caught by `change`. */
class Undo extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.text)
    this.refusal = refusal
  }
}

/** A transaction that keeps nothing where `run` answers a refusal. */
export async function change<T extends { readonly kind: string }>(
  directory: Directory,
  run: (rows: Repository) => Promise<T | Refusal>,
): Promise<T | Refusal> {
  try {
    return await directory.write(async (rows) => {
      const outcome = await run(rows)
      if (isRefusal(outcome)) throw new Undo(outcome)
      return outcome
    })
  } catch (error) {
    if (error instanceof Undo) return error.refusal
    throw error
  }
}

/** The database says whether a name is free; nothing else has to. */
export async function claim(
  rows: Repository,
  ...[name, domain]: Parameters<Repository['claim']>
): Promise<Refusal | undefined> {
  try {
    await rows.claim(name, domain)
    return undefined
  } catch (error) {
    if (isTaken(error)) return inUse(name)
    throw error
  }
}

function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return outcome.kind === 'refused'
}
