import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { copyDatabase } from '../platform/sqlite/copy.ts'
import { isWholeDatabase } from '../platform/sqlite/file-header.ts'

/** What a data folder holds beside the mail: databases by name, folders of files, and files. `run` belongs to the process. */
const databases = ['directory.db', 'spam.db', 'reports.db']
const folders = ['certs', 'dkim']
const files = ['secret.key', 'routes.map', 'tls_policy.map']

/** Copies everything but the mail from one data folder to a backup. */
export async function backupRest(dataDir: string, folder: string): Promise<void> {
  for (const name of databases) {
    if (existsSync(join(dataDir, name))) await copyDatabase(join(dataDir, name), join(folder, name))
  }
  for (const name of files) {
    if (existsSync(join(dataDir, name))) await copyFile(join(dataDir, name), join(folder, name))
  }
  for (const name of folders) {
    if (existsSync(join(dataDir, name)))
      await cp(join(dataDir, name), join(folder, name), { recursive: true })
  }
}

/** Fills an empty data folder from a backup. Says what is wrong where it does not. */
export async function restoreFolder(
  backup: string,
  dataDir: string,
  needed: readonly string[],
): Promise<string | undefined> {
  const missing = needed.find((name) => !existsSync(join(backup, name)))
  if (missing !== undefined) return `${backup} is no backup: there is no ${missing} in it.`
  if (`${dataDir}${sep}`.startsWith(`${backup}${sep}`))
    return `${dataDir} is inside the backup. Say another DATA_DIR.`
  const there = existsSync(dataDir) ? (await readdir(dataDir)).filter((name) => name !== 'run') : []
  if (there.length > 0) {
    return `${dataDir} has data already (${there.slice(0, 3).join(', ')}). Move it away, or say another DATA_DIR.`
  }
  // A cut file may still open, as an empty one: what is missing must be said before it looks like success.
  for (const name of ['mail.db', ...databases]) {
    const path = join(backup, name)
    if (existsSync(path) && !(await isWholeDatabase(path)))
      return `${path} is damaged: not all of it is there. Take another backup.`
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await cp(backup, dataDir, { recursive: true })
  return undefined
}
