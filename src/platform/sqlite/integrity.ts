import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { openDatabase } from './database.ts'

/** A smaller file is checked faster than a thread starts. */
const smallBytes = 8 * 1024 * 1024

/** What SQLite itself finds wrong with a file: pages, indexes, constraints. Reads all of it, on a thread of its own. */
export async function checkIntegrity(path: string): Promise<readonly string[]> {
  if (statSync(path).size <= smallBytes) return integrityProblems(path)
  const worker = new Worker(new URL('./check.worker.ts', import.meta.url), { workerData: path })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** Blocks until it is done. At most 100. */
export function integrityProblems(path: string): readonly string[] {
  const db = openDatabase(path, 'read')
  try {
    const found = db.prepare<[], string>('PRAGMA integrity_check(100)').pluck().all()
    return found.filter((line) => line !== 'ok')
  } catch (cause) {
    return [cause instanceof Error ? cause.message : String(cause)]
  } finally {
    db.close()
  }
}
