import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from './database.ts'
import { UnusableFile } from './failure.ts'

export interface Migrations {
  /** Folder of `NNN-what.sql`, numbered from 001 without gaps. Forward only. */
  readonly folder: string
  /** Says whose file it is, so that no other program's file is taken for ours. */
  readonly applicationId: number
}

/** Refuses a file of another program or of a newer version, before anything is written to it. */
export function checkVersion(db: Database, name: string, { folder, applicationId }: Migrations): void {
  const known = readSteps(folder).length
  const version = pragma(db, 'user_version')
  const owner = pragma(db, 'application_id')
  if (version > 0 && owner !== applicationId) {
    throw new UnusableFile(
      `${name} belongs to another program (application id ${owner}, expected ${applicationId})`,
    )
  }
  if (version > known) {
    throw new UnusableFile(
      `${name} was written by a newer Homepost (version ${version}, this one knows ${known}). ` +
        'Start that version again, or restore a backup.',
    )
  }
}

/** Brings the file to the version of this program; each step is one transaction. */
export function migrate(db: Database, { folder, applicationId }: Migrations): void {
  const version = pragma(db, 'user_version')
  for (const [index, sql] of readSteps(folder).entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${index + 1}`)
      db.pragma(`application_id = ${applicationId}`)
    })()
  }
}

function readSteps(folder: string): string[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  for (const [index, name] of names.entries()) {
    const number = String(index + 1).padStart(3, '0')
    if (!name.startsWith(`${number}-`))
      throw new Error(`${folder}: expected migration ${number}, found ${name}`)
  }
  return names.map((name) => readFileSync(join(folder, name), 'utf8'))
}

function pragma(db: Database, name: string): number {
  return Number(db.pragma(name, { simple: true }))
}
