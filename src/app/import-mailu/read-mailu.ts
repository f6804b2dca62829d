import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type ForeignTable, readForeignTables } from '../../platform/sqlite/foreign.ts'
import { readOverrides } from '../overrides.ts'
import { convert } from './convert.ts'
import { readDkimKeys } from './dkim-files.ts'
import { readEnvironment } from './environment.ts'
import type { Finding, Installation } from './installation.ts'
import { meaningOf, tableNames, unknownColumns } from './revisions.ts'
import { readScripts } from './script-files.ts'

type MailuRead =
  | { readonly kind: 'read'; readonly installation: Installation }
  /** Not there, or not readable by this user. */
  | { readonly kind: 'mistake'; readonly text: string }
  /** Damaged, or no Mailu's. */
  | { readonly kind: 'unusable'; readonly text: string }

/** `postgresql://…`, `mysql+mysqlconnector://…`: it may hold a password, and is not shown. */
const isServer = /^[a-z][a-z\d+]*:\/\//i
const elsewhere =
  'A Mailu whose directory is on PostgreSQL or MySQL is moved with Mailu’s own "flask mailu config-export --full --secrets --json" and "homepost config import".'

/** Reads what an installation of Mailu has on disk. `named` is its root, its folder `data`, or `main.db` itself. Writes nothing. */
export function readMailu(named: string): MailuRead {
  if (isServer.test(named)) return { kind: 'mistake', text: elsewhere }
  const path = resolve(named)
  const file = databaseOf(path)
  if (file === undefined) {
    const text = `There is no Mailu in ${path}: neither data/main.db nor main.db. Say the folder that Mailu’s compose file calls ROOT. ${elsewhere}`
    return { kind: 'mistake', text }
  }
  try {
    const found = readForeignTables(file, tableNames)
    switch (found.kind) {
      case 'tables':
        return readTables(file, found.tables)
      case 'busy':
        return { kind: 'mistake', text: `${file} is being written all the time. Stop Mailu's admin first.` }
      case 'unusable':
        return {
          kind: 'unusable',
          text: `${file} cannot be read: ${found.reason}. Take it from a backup, or try sqlite3's .recover on a copy.`,
        }
    }
  } catch (cause) {
    const { code = '' } = cause as { code?: string }
    if (code !== 'EACCES' && code !== 'EPERM') throw cause
    return { kind: 'mistake', text: `${file} may not be read by this user. Run this as one who may.` }
  }
}

function databaseOf(path: string): string | undefined {
  return [join(path, 'data', 'main.db'), join(path, 'main.db'), path].find(
    (file) => existsSync(file) && statSync(file).isFile(),
  )
}

const needed = ['domain', 'user', 'alias']

function readTables(file: string, tables: ReadonlyMap<string, ForeignTable>): MailuRead {
  const missing = needed.filter((name) => !tables.has(name))
  if (missing.length > 0) {
    return { kind: 'unusable', text: `${file} is not Mailu's: it has no table ${missing.join(', ')}.` }
  }
  const revision = revisionOf(tables)
  const { rows, findings } = convert(revision, tables)
  const dkim = readDkimKeys(folderBeside(file, 'dkim'), new Set(rows.domain.map(({ name }) => name)))
  const sieve = readScripts(
    folderBeside(file, 'mail'),
    rows.user.map(({ address }) => address),
  )
  const environment = readEnvironment(dirname(dirname(file)))
  const overrides = readOverrides(folderBeside(file, 'overrides')).map(
    ({ file: on, advice }): Finding => ({ what: 'override', on, text: advice }),
  )
  const all = [
    ...versionFindings(file, revision, tables),
    ...findings,
    ...dkim.findings,
    ...sieve.findings,
    ...overrides,
  ]
  return {
    kind: 'read',
    installation: {
      ...{ file, revision, rows, environment, findings: all },
      ...{ dkimKeys: dkim.keys, scripts: sieve.scripts },
    },
  }
}

function revisionOf(tables: ReadonlyMap<string, ForeignTable>): string {
  const value = tables.get('alembic_version')?.rows[0]?.['version_num']
  return typeof value === 'string' ? value : ''
}

function versionFindings(
  file: string,
  revision: string,
  tables: ReadonlyMap<string, ForeignTable>,
): Finding[] {
  const { known, threshold, unlimited } = meaningOf(revision, tables)
  const unknown = unknownColumns(tables)
  return [
    ...(known ? [] : [guess(file, revision, threshold, unlimited)]),
    ...unknown.map((column): Finding => ({ what: 'not known', on: column, text: 'is left behind' })),
  ]
}

function guess(file: string, revision: string, threshold: string, unlimited: number): Finding {
  const version = revision === '' ? 'it says no revision' : `its revision ${revision} is not known here`
  const text = `${version}; read with ${unlimited} as no limit and the spam threshold as a ${threshold}`
  return { what: 'not known', on: file, text }
}

/** `ROOT/dkim` for `ROOT/data/main.db`, and `dkim` beside a `main.db` that was copied away; `mail` likewise. */
function folderBeside(file: string, name: string): string {
  const beside = join(dirname(file), name)
  return existsSync(beside) ? beside : join(dirname(dirname(file)), name)
}
