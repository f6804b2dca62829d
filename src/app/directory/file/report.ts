import type { AppliedStep, Kind } from '../../../ports/directory-writer.ts'
import {
  aliasColumns,
  type Column,
  type Columns,
  domainColumns,
  fetchColumns,
  relayColumns,
  tokenColumns,
  userColumns,
} from '../columns.ts'
import { hidden } from './hidden.ts'
import type { KeyChange } from './planning.ts'

/** What an import did, or would do. */
export interface Report {
  /** A line for each object, or for each column of a changed one. */
  readonly lines: readonly string[]
  /** `Created: domain(1) user(2) / Modified: …`, as Mailu ends. */
  readonly summary: string
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>
}

type Did = 'Created' | 'Deleted' | 'Modified'

interface Event {
  readonly did: Did
  /** Mailu's name of the table. */
  readonly what: string
  readonly key: string
  readonly lines: readonly string[]
}

const keys: ReadonlySet<string> = new Set(['name', 'address', 'domain', 'user'])

const words = { created: 'Created', modified: 'Modified', deleted: 'Deleted' } as const

export function report(steps: readonly AppliedStep[], keys: readonly KeyChange[]): Report {
  const events = [...steps.flatMap(stepEvent), ...keys.map(keyEvent)]
  const counts = countsOf(events)
  const groups = Object.entries(counts).map(
    ([did, tables]) =>
      `${did}: ${Object.entries(tables)
        .map(([what, many]) => `${what}(${many})`)
        .join(' ')}`,
  )
  return {
    lines: events.flatMap(({ lines }) => lines),
    summary: groups.length > 0 ? groups.join(' / ') : 'No changes.',
    counts,
  }
}

function stepEvent({ on, key, did, columns }: AppliedStep): Event[] {
  if (did === 'unchanged') return []
  const what = on === 'access' ? 'domain_access' : on
  const head = `${words[did]} ${what}: ${key}`
  // What an object is called is said already.
  const told = columns.filter(({ column }) => did === 'modified' || !keys.has(column))
  const changed = told.map(({ column, from, to }) => {
    const { name, written } = nameOf(on, column)
    return { name, from: shown(from, written), to: shown(to, written) }
  })
  const lines =
    did === 'modified'
      ? changed.map(({ name, from, to }) => `${head} ${name}: ${from} -> ${to}`)
      : [[head, ...changed.map(({ name, to }) => `${name}: ${to}`)].join(' ')]
  return [{ did: words[did], what, key, lines }]
}

function keyEvent({ domain, to, had }: KeyChange): Event {
  const veil = (there: boolean) => (there ? hidden : "''")
  const line = `Modified domain: ${domain} dkim_key: ${veil(had)} -> ${veil(to !== 'remove')}`
  return { did: 'Modified', what: 'domain', key: domain, lines: [line] }
}

/** An object counts once, however much of it changed. */
function countsOf(events: readonly Event[]): Report['counts'] {
  const created = new Set(
    events.filter(({ did }) => did === 'Created').map(({ what, key }) => `${what} ${key}`),
  )
  const counts: Record<string, Record<string, number>> = {}
  const seen = new Set<string>()
  const order = (event: Event) => `${event.did} ${event.what}`
  for (const event of events.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))) {
    const { did, what, key } = event
    const again = seen.has(`${did} ${what} ${key}`) || (did === 'Modified' && created.has(`${what} ${key}`))
    seen.add(`${did} ${what} ${key}`)
    if (again) continue
    counts[did] ??= {}
    const tables = counts[did]
    tables[what] = (tables[what] ?? 0) + 1
  }
  return counts
}

const columnsOf: Readonly<Partial<Record<Kind, Columns>>> = {
  domain: domainColumns,
  relay: relayColumns,
  user: userColumns,
  alias: aliasColumns,
  token: tokenColumns,
  fetch: fetchColumns,
}

function nameOf(on: Kind, column: string): { readonly name: string; readonly written?: Column<unknown> } {
  const known = columnsOf[on]?.[column]
  if (known) return { name: known.mailu, written: known }
  return { name: column }
}

function shown(value: unknown, column: Column<unknown> | undefined): string {
  if (value === undefined) return "''"
  if (value === hidden) return hidden
  return JSON.stringify(column?.written ? column.written(value) : value)
}
