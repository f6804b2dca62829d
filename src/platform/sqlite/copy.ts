import { openDatabase } from './database.ts'

/** A consistent copy of a database that others may be writing, in one step: for small ones. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const db = openDatabase(from, 'read')
  try {
    await db.backup(to, { progress: () => Number.MAX_SAFE_INTEGER })
  } finally {
    db.close()
  }
}
