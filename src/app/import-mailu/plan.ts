import type { Everything } from '../../ports/directory-reader.ts'
import type { Change, Kind, Kinds } from '../../ports/directory-writer.ts'
import type { Finding, MailuRows } from './installation.ts'

/** What is here already. Hashes by address, passwords of fetches by id. */
export interface Here {
  readonly rows: Everything
  readonly passwordHashes: ReadonlyMap<string, string>
  readonly fetchPasswords: ReadonlyMap<number, string>
  /** Whose password in Mailu is of no use. */
  readonly locked: ReadonlySet<string>
}

export interface ImportPlan {
  readonly changes: readonly Change[]
  readonly findings: readonly Finding[]
  /** How many of each kind are here already, just so. */
  readonly unchanged: ReadonlyMap<Kind, number>
}

/** What has to change here so that everything of Mailu's is here. What is only here stays as it is. */
export function planImport(
  mailu: MailuRows,
  here: Here,
  { update }: { readonly update: boolean },
): ImportPlan {
  const draft = new Draft(update)
  draft.each(
    'domain',
    mailu.domain,
    byKey(here.rows.domains, ({ name }) => name),
    ({ name }) => name,
  )
  draft.each(
    'relay',
    mailu.relay,
    byKey(here.rows.relays, ({ name }) => name),
    ({ name }) => name,
  )
  planUsers(draft, mailu, here)
  draft.each(
    'alias',
    mailu.alias,
    byKey(here.rows.aliases, ({ address }) => address),
    ({ address }) => address,
  )
  planTokens(draft, mailu, here)
  planFetches(draft, mailu, here)
  draft.grants('manager', mailu.manager, here.rows.managers)
  draft.grants('access', mailu.access, here.rows.accesses)
  draft.each(
    'setting',
    mailu.setting,
    byKey(here.rows.settings, ({ name }) => name),
    ({ name }) => name,
  )
  return draft
}

type Columns = Readonly<Record<string, unknown>>
type Keyed = Exclude<Kind, 'manager' | 'access'>

/** What is compared by its key and never changed. */
const identities = new Set(['name', 'address', 'user', 'id', 'createdAt', 'passwordHash', 'password'])

class Draft implements ImportPlan {
  readonly changes: Change[] = []
  readonly findings: Finding[] = []
  readonly unchanged = new Map<Kind, number>()
  readonly updates: boolean

  constructor(updates: boolean) {
    this.updates = updates
  }

  each<K extends Keyed>(
    on: K,
    rows: readonly Kinds[K]['row'][],
    here: ReadonlyMap<Kinds[K]['key'], object>,
    keyOf: (row: Kinds[K]['row']) => Kinds[K]['key'],
  ): void {
    for (const row of rows) this.row(on, keyOf(row), { row, there: here.get(keyOf(row)) })
  }

  /** Adds it, or brings what is `there` to it. `more` are secrets that differ too. */
  row<K extends Keyed>(
    on: K,
    key: Kinds[K]['key'],
    { row, there, more = {} }: { row: Kinds[K]['row']; there: object | undefined; more?: Columns },
  ): void {
    if (there === undefined) {
      this.changes.push({ on, do: 'add', row } as Change)
      return
    }
    const to = { ...differences(row, there as Columns), ...more }
    const columns = Object.keys(to)
    if (columns.length === 0) this.#isUnchanged(on)
    else if (this.updates) this.changes.push({ on, do: 'set', key, to } as Change)
    else this.findings.push({ what: 'different here', on: `${on} ${key}`, text: columns.join(', ') })
  }

  grants(on: 'manager' | 'access', rows: MailuRows['manager'], here: MailuRows['manager']): void {
    const known = new Set(here.map(({ domain, user }) => `${user} ${domain}`))
    for (const row of rows) {
      if (known.has(`${row.user} ${row.domain}`)) this.#isUnchanged(on)
      else this.changes.push({ on, do: 'add', row })
    }
  }

  taken(on: Kind, id: number, text: string): void {
    this.findings.push({ what: 'taken here', on: `${on} ${id}`, text })
  }

  #isUnchanged(on: Kind): void {
    this.unchanged.set(on, (this.unchanged.get(on) ?? 0) + 1)
  }
}

function differences(row: object, there: Columns): Columns {
  const changed = Object.entries(row).filter(
    ([column, value]) => !identities.has(column) && asText(value) !== asText(there[column]),
  )
  return Object.fromEntries(changed)
}

/** The order of a list says nothing. */
function asText(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? value.map(String).sort() : value) ?? ''
}

function byKey<T, K>(rows: readonly T[], keyOf: (row: T) => K): ReadonlyMap<K, T> {
  return new Map(rows.map((row) => [keyOf(row), row]))
}

/**
 * Somebody who is here has the password that he has here: signing in makes a new hash of it, so another hash is no other password.
 * Only an update brings Mailu's back.
 */
function planUsers(draft: Draft, mailu: MailuRows, here: Here): void {
  const known = byKey(here.rows.users, ({ address }) => address)
  for (const row of mailu.user) {
    const there = known.get(row.address)
    const isOther =
      draft.updates &&
      !here.locked.has(row.address) &&
      here.passwordHashes.get(row.address) !== row.passwordHash
    draft.row('user', row.address, { row, there, more: isOther ? { passwordHash: row.passwordHash } : {} })
  }
}

function planTokens(draft: Draft, mailu: MailuRows, here: Here): void {
  const known = byKey(here.rows.tokens, ({ id }) => id)
  for (const row of mailu.token) {
    const there = known.get(row.id)
    if (there !== undefined && !isSame(row, there)) draft.taken('token', row.id, `app token of ${there.user}`)
    else draft.row('token', row.id, { row, there })
  }
}

function planFetches(draft: Draft, mailu: MailuRows, here: Here): void {
  const known = byKey(here.rows.fetches, ({ id }) => id)
  for (const row of mailu.fetch) {
    const there = known.get(row.id)
    const isOther = here.fetchPasswords.get(row.id) !== row.password
    if (there !== undefined && !isSame(row, there)) draft.taken('fetch', row.id, `fetch of ${there.user}`)
    else draft.row('fetch', row.id, { row, there, more: isOther ? { password: row.password } : {} })
  }
}

/** A number says little: it is the one that was imported when it has the same owner and was made on the same day. */
function isSame(
  row: { readonly user: string; readonly createdAt?: number },
  there: { readonly user: string; readonly createdAt: number },
): boolean {
  return row.user === there.user && (row.createdAt ?? there.createdAt) === there.createdAt
}
