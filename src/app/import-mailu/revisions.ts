import type { ForeignTable } from '../../platform/sqlite/foreign.ts'

/** Mailu's migrations, oldest first. */
const chain = [
  ...['ff0417f4318f', 'c5696b48442d', 'a4accda8a8c7', 'dc8c25cf5b98', '27ae2f102682', '12e9a4f6ed73'],
  ...['2335c80a6bc3', '3f6994568962', '73e56bad5ec5', 'c9a0b4e653cf', 'c162ac88012a', '9c28df23f77e'],
  ...['9400a032eb1a', '77aa22ad72e2', '423155f8fc15', '49d77a93118e', '049fed905da7', '25fd6c7bcb4a'],
  ...['3b281286c7bd', 'cd79ed46d9c2', '546b04c886f0', 'f1393877871d', '5aeb5811408e', 'fc099bd15cbe'],
  ...['3b7eee912b41', '8f9ea78776f4', 'f4f0f89e0047', '7ac252f2bbbf', '6b8f5e8caaa9', '0ba45693748d'],
  ...['31f40da48c01', 'fdff7f84d363', '9a5866105f5a'],
]

/** From here on the threshold of spam is a percentage; before, it was a score of which 15 was all. */
const thresholdInPercent = '27ae2f102682'
/** From here on -1 is no limit; before, 0 was. */
const unlimitedIsMinusOne = 'fc099bd15cbe'

/** What a value means where that depends on who wrote it. Columns that are missing tell themselves. */
export interface Meaning {
  readonly known: boolean
  readonly threshold: 'score' | 'percent'
  readonly unlimited: 0 | -1
}

/** By the revision; where it is missing or not known, by the marks that the migrations left on the tables. */
export function meaningOf(revision: string, tables: ReadonlyMap<string, ForeignTable>): Meaning {
  const at = chain.indexOf(revision)
  if (at >= 0) {
    return {
      known: true,
      threshold: at < chain.indexOf(thresholdInPercent) ? 'score' : 'percent',
      unlimited: at < chain.indexOf(unlimitedIsMinusOne) ? 0 : -1,
    }
  }
  const column = (table: string, name: string) =>
    tables.get(table)?.columns.find((each) => each.name === name)
  // One migration later, the column was made an integer.
  const isPercent = /int/i.test(column('user', 'spam_threshold')?.type ?? '')
  // The same migration changed the column's own standard value, and the next one its neighbour's type.
  const isMinusOne =
    (column('domain', 'max_users')?.standard ?? '').includes('-1') ||
    /bigint/i.test(column('domain', 'max_quota_bytes')?.type ?? '')
  return {
    known: false,
    threshold: isPercent ? 'percent' : 'score',
    unlimited: isMinusOne ? -1 : 0,
  }
}

/** Mailu's own tables. */
export const tableNames = [
  ...['alembic_version', 'config', 'domain', 'alternative', 'relay', 'user', 'alias', 'token', 'fetch'],
  ...['manager', 'domain_access'],
]

const dated = ['created_at', 'updated_at', 'comment']
const addressed = ['email', 'localpart', 'domain_name']

/** Every column that some Mailu had and that we read, or leave for a reason. */
const knownColumns: Readonly<Record<string, readonly string[]>> = {
  config: [...dated, 'name', 'value'],
  domain: [
    ...[...dated, 'name', 'max_users', 'max_aliases', 'max_quota_bytes', 'signup_enabled'],
    'anonmail_enabled',
  ],
  alternative: [...dated, 'name', 'domain_name'],
  relay: [...dated, 'name', 'smtp'],
  user: [
    ...[...dated, ...addressed, 'password', 'quota_bytes', 'quota_bytes_used', 'global_admin', 'enabled'],
    ...['enable_imap', 'enable_pop', 'allow_spoofing', 'forward_enabled', 'forward_destination'],
    ...['forward_keep', 'reply_enabled', 'reply_subject', 'reply_body', 'reply_startdate', 'reply_enddate'],
    ...['displayed_name', 'spam_enabled', 'spam_mark_as_read', 'spam_threshold', 'change_pw_next_login'],
    'address_type',
  ],
  alias: [
    ...[...dated, ...addressed, 'wildcard', 'destination', 'hostname', 'owner_email', 'disabled'],
    'address_type',
  ],
  token: [...dated, 'id', 'user_email', 'password', 'ip', 'token_lookup_hash'],
  fetch: [
    ...[...dated, 'id', 'user_email', 'protocol', 'host', 'port', 'tls', 'username', 'password', 'keep'],
    ...['scan', 'invisible', 'folders', 'last_check', 'error'],
  ],
  manager: ['domain_name', 'user_email'],
  domain_access: [...dated, 'id', 'domain_name', 'user_email'],
}

/** `table.column` of those that no Mailu we know has: they stay behind. */
export function unknownColumns(tables: ReadonlyMap<string, ForeignTable>): string[] {
  return Object.entries(knownColumns).flatMap(([table, known]) =>
    (tables.get(table)?.columns ?? [])
      .filter(({ name }) => !known.includes(name))
      .map(({ name }) => `${table}.${name}`),
  )
}
