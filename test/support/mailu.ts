import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'

/** A column as Mailu's migrations left it: from which revision, and of which type. */
interface MailuColumn {
  readonly since: string
  readonly type: string
}

/** Oldest first; those at which something changes that a reader can see. */
const revisions = [
  'ff0417f4318f',
  'c5696b48442d',
  'dc8c25cf5b98',
  '27ae2f102682',
  '12e9a4f6ed73',
  '2335c80a6bc3',
  '3f6994568962',
  '73e56bad5ec5',
  'c9a0b4e653cf',
  'c162ac88012a',
  '9400a032eb1a',
  '77aa22ad72e2',
  '423155f8fc15',
  '49d77a93118e',
  '25fd6c7bcb4a',
  '3b281286c7bd',
  'cd79ed46d9c2',
  'fc099bd15cbe',
  '3b7eee912b41',
  '8f9ea78776f4',
  'f4f0f89e0047',
  '7ac252f2bbbf',
  '0ba45693748d',
  '31f40da48c01',
  'fdff7f84d363',
  '9a5866105f5a',
] as const
type Revision = (typeof revisions)[number]
const headRevision = '9a5866105f5a'

const first = 'ff0417f4318f'
const isThere = (since: string, revision: Revision) =>
  revisions.indexOf(since as Revision) <= revisions.indexOf(revision)

const flag = (since: string, standard: 0 | 1): MailuColumn => ({
  since,
  type: `BOOLEAN NOT NULL DEFAULT ${standard}`,
})
/** SQLAlchemy checked booleans until 2020. */
const withoutChecks = '8f9ea78776f4'
const text = (since: string, length: number, more = ''): MailuColumn => ({
  since,
  type: `VARCHAR(${length})${more}`,
})
const integer = (since: string, more = ''): MailuColumn => ({ since, type: `INTEGER${more}` })

const dated = {
  created_at: { since: first, type: `DATE NOT NULL DEFAULT '2020-02-29'` },
  updated_at: { since: first, type: 'DATE' },
  comment: text(first, 255),
}
const addressed = {
  email: text(first, 255, ' NOT NULL'),
  localpart: text(first, 80, ' NOT NULL'),
  domain_name: text(first, 80, ' NOT NULL REFERENCES domain (name)'),
}

/** Everything but the types that changed on the way. */
const tables = {
  config: { ...dated, name: text('cd79ed46d9c2', 255, ' NOT NULL'), value: text('cd79ed46d9c2', 255) },
  domain: {
    ...dated,
    name: text(first, 80, ' NOT NULL'),
    max_users: integer(first, ' NOT NULL'),
    max_aliases: integer(first, ' NOT NULL'),
    max_quota_bytes: integer('2335c80a6bc3', ' NOT NULL DEFAULT 0'),
    signup_enabled: flag('423155f8fc15', 0),
    anonmail_enabled: flag('31f40da48c01', 0),
  },
  alternative: {
    ...dated,
    name: text('c9a0b4e653cf', 80, ' NOT NULL'),
    domain_name: text('c9a0b4e653cf', 80),
  },
  relay: { ...dated, name: text('c162ac88012a', 80, ' NOT NULL'), smtp: text('c162ac88012a', 80) },
  user: {
    ...dated,
    ...addressed,
    password: text(first, 255, ' NOT NULL'),
    quota_bytes: integer(first, ' NOT NULL DEFAULT 1000000000'),
    quota_bytes_used: integer('25fd6c7bcb4a', ' NOT NULL DEFAULT 0'),
    global_admin: flag(first, 0),
    enabled: flag('49d77a93118e', 1),
    enable_imap: flag(first, 1),
    enable_pop: flag(first, 1),
    allow_spoofing: flag('7ac252f2bbbf', 0),
    forward_enabled: flag(first, 0),
    forward_destination: text(first, 255),
    forward_keep: flag('73e56bad5ec5', 1),
    reply_enabled: flag(first, 0),
    reply_subject: text(first, 255),
    reply_body: { since: first, type: 'TEXT' },
    reply_startdate: { since: '3b281286c7bd', type: `DATE NOT NULL DEFAULT '1900-01-01'` },
    reply_enddate: { since: '77aa22ad72e2', type: `DATE NOT NULL DEFAULT '2999-12-31'` },
    displayed_name: text(first, 160, ` NOT NULL DEFAULT ''`),
    spam_enabled: flag(first, 1),
    spam_mark_as_read: flag('8f9ea78776f4', 0),
    spam_threshold: integer(first),
    change_pw_next_login: flag('0ba45693748d', 0),
  },
  alias: {
    ...dated,
    ...addressed,
    wildcard: flag('c5696b48442d', 0),
    destination: text(first, 1023, ' NOT NULL'),
    hostname: text('31f40da48c01', 255),
    owner_email: text('31f40da48c01', 255, ' REFERENCES user (email)'),
    disabled: flag('31f40da48c01', 0),
  },
  token: {
    ...dated,
    id: integer('9400a032eb1a', ' NOT NULL'),
    user_email: text('9400a032eb1a', 255, ' NOT NULL REFERENCES user (email)'),
    password: text('9400a032eb1a', 255, ' NOT NULL'),
    ip: text('9400a032eb1a', 255),
    token_lookup_hash: text('31f40da48c01', 64),
  },
  fetch: {
    ...dated,
    id: integer(first, ' NOT NULL'),
    user_email: text(first, 255, ' NOT NULL REFERENCES user (email)'),
    protocol: text(first, 4, ' NOT NULL'),
    host: text(first, 255, ' NOT NULL'),
    port: integer(first, ' NOT NULL'),
    tls: flag(first, 0),
    username: text(first, 255, ' NOT NULL'),
    password: text(first, 255, ' NOT NULL'),
    keep: flag('3f6994568962', 0),
    scan: flag('f4f0f89e0047', 0),
    folders: text('f4f0f89e0047', 4096),
    invisible: flag('fdff7f84d363', 0),
    last_check: { since: 'dc8c25cf5b98', type: 'DATETIME' },
    error: text('dc8c25cf5b98', 1023),
  },
  manager: {
    domain_name: text(first, 80, ' REFERENCES domain (name)'),
    user_email: text(first, 255, ' REFERENCES user (email)'),
  },
  domain_access: {
    ...dated,
    id: integer('31f40da48c01', ' NOT NULL'),
    domain_name: text('31f40da48c01', 255, ' NOT NULL REFERENCES domain (name)'),
    user_email: text('31f40da48c01', 255, ' REFERENCES user (email)'),
  },
} as const satisfies Record<string, Record<string, MailuColumn>>

type MailuTable = keyof typeof tables
type Values = Readonly<Record<string, string | number | Buffer | null>>
export type MailuContent = { readonly [T in MailuTable]?: readonly Values[] }

const keys: Readonly<Record<string, string>> = {
  ...{ config: 'name', domain: 'name', alternative: 'name', relay: 'name', user: 'email', alias: 'email' },
  ...{ token: 'id', fetch: 'id', domain_access: 'id' },
}

function typeOf(table: string, name: string, type: string, revision: Revision): string {
  const from = (since: Revision) => isThere(since, revision)
  if (name === 'spam_threshold') return from('12e9a4f6ed73') ? 'INTEGER' : 'NUMERIC'
  if (table === 'domain' && /^max_(users|aliases)$/.test(name))
    return `INTEGER NOT NULL DEFAULT ${from('fc099bd15cbe') ? `'-1'` : '0'}`
  if (type.startsWith('BOOLEAN') && !from(withoutChecks)) return `${type} CHECK (${name} IN (0, 1))`
  if (/quota_bytes/.test(name) && from('3b7eee912b41')) return type.replace('INTEGER', 'BIGINT')
  return type
}

/** The tables of a revision as its migrations left them. Foreign keys are written down; SQLite does not look at them, as in Mailu. */
function createTables(db: Sqlite.Database, revision: Revision): void {
  db.exec('CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)')
  for (const [table, columns] of Object.entries(tables)) {
    const key = keys[table]
    if (key !== undefined && !isThere((columns as Record<string, MailuColumn>)[key]?.since ?? '', revision))
      continue
    const made = Object.entries(columns as Record<string, MailuColumn>)
      .filter(([, { since }]) => isThere(since, revision))
      .map(([name, { type }]) => `${name} ${typeOf(table, name, type, revision)}`)
    const primary = key === undefined ? [] : [`CONSTRAINT ${table}_pkey PRIMARY KEY (${key})`]
    db.exec(`CREATE TABLE "${table}" (${[...made, ...primary].join(', ')})`)
  }
}

export interface MailuRoot {
  readonly root: string
  readonly database: string
  readonly dkim: string
  remove(): void
}

/** A folder as an installation of Mailu leaves it. `revision` undefined: nobody wrote it down. */
export function buildMailu(
  content: MailuContent,
  { shape = headRevision, revision = shape }: { shape?: Revision; revision?: string | undefined } = {},
): MailuRoot {
  const root = mkdtempSync(join(tmpdir(), 'homepost-mailu-'))
  const [data, dkim] = [join(root, 'data'), join(root, 'dkim')]
  mkdirSync(data)
  mkdirSync(dkim)
  writeFileSync(join(data, 'instance'), '6e2f7a3e-4f1c-4a4e-9a52-0d1a6f6b7c11')
  const database = join(data, 'main.db')
  const db = new Sqlite(database)
  try {
    db.pragma('foreign_keys = OFF')
    db.pragma('ignore_check_constraints = ON')
    createTables(db, shape)
    if (revision !== '') db.prepare('INSERT INTO alembic_version VALUES (?)').run(revision)
    db.transaction(() => fill(db, content))()
  } finally {
    db.close()
  }
  return { root, database, dkim, remove: () => rmSync(root, { recursive: true, force: true }) }
}

function fill(db: Sqlite.Database, content: MailuContent): void {
  const prepared = new Map<string, Sqlite.Statement>()
  for (const [table, rows] of Object.entries(content)) {
    for (const row of rows) {
      const names = Object.keys(row)
      const sql = `INSERT INTO "${table}" (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
      const statement = prepared.get(sql) ?? db.prepare(sql)
      prepared.set(sql, statement)
      statement.run(...Object.values(row))
    }
  }
}

export const mailuDomain = (name: string, more: Values = {}): Values => ({
  name,
  max_users: -1,
  max_aliases: -1,
  ...more,
})

export function mailuUser(email: string, more: Values = {}): Values {
  const [localpart = '', domain_name = ''] = email.split('@')
  return { email, localpart, domain_name, password: '!', spam_threshold: 80, ...more }
}

export function mailuAlias(email: string, destination: string, more: Values = {}): Values {
  const at = email.lastIndexOf('@')
  return { email, localpart: email.slice(0, at), domain_name: email.slice(at + 1), destination, ...more }
}
