import { existsSync, readdirSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { openReader } from '../../platform/sqlite/reader.ts'
import type { StoreCare } from '../../ports/store-care.ts'
import type { Blobs } from './blobs.ts'

const pagesPerStep = 64
const blobsPerStep = 500

interface BackingUp {
  readonly path: string
  readonly blobs: Blobs
  readonly folder: string
}

/**
 * First the database, as it is at one moment, then the files it names: they never change, and stay a day longer than the
 * last row that names them. A restore is a copy of the folder into an empty data folder, followed by `verify`.
 */
export async function backupStore({ path, blobs, folder }: BackingUp): ReturnType<StoreCare['backup']> {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    return { kind: 'refused', text: `${folder} is not empty. Name a new folder for this backup.` }
  }
  await mkdir(join(folder, 'blobs'), { recursive: true, mode: 0o700 })
  const copy = join(folder, 'mail.db')
  await copyDatabase(path, copy)
  const db = openReader(copy, { cacheKiB: 1_024 })
  try {
    const named = db
      .prepare<[string, number], string>('SELECT blob FROM body WHERE blob > ? ORDER BY blob LIMIT ?')
      .pluck()
    for (let after = ''; ; ) {
      const step = named.all(after, blobsPerStep)
      for (const blob of step) await blobs.copyTo(blob, join(folder, 'blobs'))
      const last = step.at(-1)
      if (last === undefined) break
      after = last
    }
    const totals = db
      .prepare<[], { messages: number; bytes: number }>(
        'SELECT coalesce(sum(messages), 0) AS messages, coalesce(sum(bytes), 0) AS bytes FROM mailbox',
      )
      .get()
    return { kind: 'done', messages: totals?.messages ?? 0, bytes: totals?.bytes ?? 0 }
  } finally {
    db.close()
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const db = openReader(from, { cacheKiB: 1_024 })
  try {
    // An open read transaction pins the moment: without it every commit would begin the copy anew.
    db.exec('BEGIN')
    db.prepare('SELECT count(*) FROM account').get()
    await db.backup(to, { progress: () => pagesPerStep })
    db.exec('COMMIT')
  } finally {
    db.close()
  }
  const file = await open(to, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
