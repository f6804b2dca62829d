import type { ColumnChange } from '../../../ports/directory-rows.ts'
import type { AppliedStep, Change, Kind, Refusal } from '../../../ports/directory-writer.ts'
import { aliasRules } from './kinds/alias.ts'
import { departureRules } from './kinds/departure.ts'
import { domainRules } from './kinds/domain.ts'
import { fetchRules } from './kinds/fetch.ts'
import { grantRules } from './kinds/grant.ts'
import { relayRules } from './kinds/relay.ts'
import { settingRules } from './kinds/setting.ts'
import { tokenRules } from './kinds/token.ts'
import { userRules } from './kinds/user.ts'
import { inUse } from './refusals.ts'
import { isRefusal, type Parts, type Prepared, type Rules, type Tx } from './rules.ts'

/** Every kind of thing the directory has. Read this first. */
const kinds: Readonly<Record<Kind, unknown>> = {
  domain: domainRules,
  relay: relayRules,
  user: userRules,
  alias: aliasRules,
  token: tokenRules,
  fetch: fetchRules,
  manager: grantRules('manager'),
  access: grantRules('access'),
  departure: departureRules,
  setting: settingRules,
}

type Row = Readonly<Record<string, unknown>>

/** A row is read, checked and written by the rules of one kind alone: what the compiler cannot follow from `on`. */
const rulesOf = (on: Kind) => kinds[on] as Rules<Kind, Row>

/** A change, ready for its transaction. */
export interface ReadyChange extends Prepared {
  readonly on: Kind
  readonly do: Change['do']
  readonly key: never
}

export interface Step extends AppliedStep {
  /** As it is now; a deleted one as it was. */
  readonly row: Row
}

export type Outcome = Step | Refusal | { readonly kind: 'missing' }

/** Hashes passwords and makes secrets: what takes time or chance has no place in a transaction. */
export async function readyChange(parts: Parts, change: Change): Promise<ReadyChange | Refusal> {
  const rules = rulesOf(change.on)
  const key = 'row' in change ? rules.keyOf(change.row as never) : change.key
  const asked = { do: change.do, key, values: said(valuesOf(change)) }
  const prepared = (await rules.prepare?.(parts, asked)) ?? { values: asked.values }
  if (isRefusal(prepared)) return prepared
  return { on: change.on, do: change.do, key: key as never, ...prepared }
}

function valuesOf(change: Change): Row {
  switch (change.do) {
    case 'add':
    case 'put':
      return change.row as Row
    case 'set':
      return change.to as Row
    case 'delete':
      return {}
  }
}

/** What a change is about, before there is a row. */
export function nameOfChange(change: Change): string {
  const rules = rulesOf(change.on)
  const key = 'row' in change ? rules.keyOf(change.row as never) : change.key
  if (key !== undefined && typeof key !== 'object') return String(key)
  return rules.nameOf((key ?? ('row' in change ? change.row : {})) as Row)
}

/** Finds, checks and writes one change, and tells what it changed. */
export async function applyChange(parts: Parts, tx: Tx, change: ReadyChange): Promise<Outcome> {
  const rules = rulesOf(change.on)
  const old = change.key === undefined ? undefined : await rules.find(tx.rows, change.key)
  switch (change.do) {
    case 'add':
      return old ? inUse(rules.nameOf(old)) : write(parts, tx, change, undefined)
    case 'put':
      return write(parts, tx, change, old)
    case 'set':
      return old ? write(parts, tx, change, old) : { kind: 'missing' }
    case 'delete':
      if (!old) return { kind: 'missing' }
      await rules.remove(tx, old)
      return step(change, rules, old, 'deleted', [])
  }
}

async function write(
  parts: Parts,
  tx: Tx,
  change: ReadyChange,
  old: Row | undefined,
): Promise<Step | Refusal> {
  const rules = rulesOf(change.on)
  const standard = change.do === 'set' ? {} : await rules.standard(parts, tx.rows, change.values)
  const base = change.do === 'set' ? old : { ...standard, ...pick(old ?? {}, rules.kept) }
  const row = { ...base, ...change.values }
  const refused = rules.check(row)
  if (refused) return refused
  const columns = differences(old ?? standard, row)
  if (old) {
    if (columns.length === 0) return step(change, rules, old, 'unchanged', [])
    const changed = pick(
      row,
      columns.map(({ column }) => column),
    )
    return (await rules.update(tx, row, old, changed)) ?? step(change, rules, row, 'modified', columns)
  }
  const inserted = await rules.insert(tx, row)
  return isRefusal(inserted) ? inserted : step(change, rules, inserted, 'created', columns)
}

function step(
  { on, secret }: ReadyChange,
  rules: Rules<Kind, Row>,
  row: Row,
  did: Step['did'],
  columns: readonly ColumnChange[],
): Step {
  const { account, id } = row as Pick<AppliedStep, 'account' | 'id'>
  return {
    on,
    key: rules.nameOf(row),
    did,
    columns: told(columns, rules),
    row,
    ...(on === 'user' && account !== undefined && { account }),
    ...(id !== undefined && { id }),
    ...(secret !== undefined && { secret }),
  }
}

/** Stamps are nobody's change, and an account belongs to its user. */
const silent: ReadonlySet<string> = new Set([
  'createdAt',
  'updatedAt',
  'account',
  'id',
  'lastUsed',
  'lastCheck',
])

function differences(from: Row, to: Row): ColumnChange[] {
  return Object.keys(to)
    .filter((column) => !silent.has(column) && JSON.stringify(from[column]) !== JSON.stringify(to[column]))
    .map((column) => ({ column, from: from[column], to: to[column] }))
}

function told(columns: readonly ColumnChange[], { hidden }: Rules<Kind, Row>): ColumnChange[] {
  const veil = (value: unknown) => (value === undefined || value === '' ? undefined : '<hidden>')
  return columns.flatMap((change) => {
    const as = hidden[change.column]
    if (as === undefined) return [change]
    return as === 'nothing' ? [] : [{ column: as, from: veil(change.from), to: veil(change.to) }]
  })
}

function pick(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.filter((name) => name in row).map((name) => [name, row[name]]))
}

/** What was left out was not said. */
function said(values: Row): Row {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
