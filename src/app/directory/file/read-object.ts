import type { Kind } from '../../settings/kinds.ts'
import type { Column, Columns } from '../columns.ts'
import type { ListKind } from '../kinds.ts'
import { type Mistakes, nth, type Place, within } from './mistakes.ts'
import { described, type Entry, isNull, isScalar, type Node } from './node.ts'

/** Replace: the file is all there is. Update: it is merged into what is there, and knows how to delete. */
export type Mode = 'replace' | 'update'

export interface Reading {
  readonly mode: Mode
  readonly mistakes: Mistakes
}

/** What an object of the file says. */
export interface Said {
  readonly place: Place
  /** Values by column, those that were said. */
  readonly values: ReadonlyMap<string, unknown>
  /** Lists that are merged, by column. Only in updates. */
  readonly edits: ReadonlyMap<string, ListEdit>
  /** Attributes that are no columns, by their name in the file. */
  readonly others: ReadonlyMap<string, Entry>
}

interface ListEdit {
  readonly place: Place
  readonly prune: boolean
  readonly remove: readonly unknown[]
  readonly add: readonly unknown[]
}

/** What an object may say. */
export interface ObjectForm {
  readonly columns: Columns
  /** Attributes that somebody else reads, or nobody. */
  readonly others: readonly string[]
}

interface Found {
  readonly values: Map<string, unknown>
  readonly edits: Map<string, ListEdit>
  readonly others: Map<string, Entry>
}

export function readObject(
  entries: readonly Entry[],
  place: Place,
  form: ObjectForm,
  reading: Reading,
): Said {
  const found: Found = { values: new Map(), edits: new Map(), others: new Map() }
  const seen = new Set<string>()
  for (const entry of entries) {
    const name = reading.mode === 'update' ? entry.key.replace(/^-/, '') : entry.key
    const at = within(place, entry.key, entry.line)
    if (seen.has(name)) reading.mistakes.add(at, `${name} is said twice`)
    else readEntry(entry, { at, name, form, reading, found })
    seen.add(name)
  }
  return { place, ...found }
}

interface EntryContext {
  readonly at: Place
  /** Without the leading `-` of an update. */
  readonly name: string
  readonly form: ObjectForm
  readonly reading: Reading
  readonly found: Found
}

function readEntry(entry: Entry, { at, name, form, reading, found }: EntryContext): void {
  const [key, column] = Object.entries(form.columns).find(([, { mailu }]) => mailu === name) ?? []
  if (entry.key !== name && !isNull(entry.value)) {
    reading.mistakes.add(
      at,
      `expected null, which sets ${name} to its standard, found ${described(entry.value)}`,
    )
  } else if (form.others.includes(name)) found.others.set(name, entry)
  else if (key === undefined || column === undefined) reading.mistakes.add(at, unknownText(entry.key, form))
  else if (entry.key !== name) resetColumn(key, column, { at, reading, found })
  else readColumn(key, column, entry.value, { at, reading, found })
}

type ColumnContext = Pick<EntryContext, 'at' | 'reading' | 'found'>

function resetColumn(key: string, column: Column<unknown>, { at, reading, found }: ColumnContext): void {
  if (column.standard !== undefined || column.bySettings) found.values.set(key, column.standard)
  else reading.mistakes.add(at, 'it has no standard value; say a value')
}

function readColumn(
  key: string,
  column: Column<unknown>,
  node: Node,
  { at, reading, found }: ColumnContext,
): void {
  if (isNull(node) && isEmpty(column.standard)) {
    found.values.set(key, column.standard)
  } else if (isListKind(column.kind) && node.kind === 'list') {
    if (reading.mode === 'update') found.edits.set(key, readEdit(column.kind, node.items, at, reading))
    else found.values.set(key, readItems(column.kind, node.items, at, reading))
  } else {
    const read = readScalar(column.kind, node, at, reading)
    if (read) found.values.set(key, read.value)
  }
}

const isEmpty = (value: unknown) => value === '' || (Array.isArray(value) && value.length === 0)

function isListKind(kind: Kind<unknown>): kind is ListKind<unknown> {
  return 'item' in kind
}

function readItems(kind: ListKind<unknown>, items: readonly Node[], at: Place, reading: Reading): unknown[] {
  return items.flatMap((item, index) => {
    const read = readScalar(kind.item, item, nth(at, index, item.line), reading)
    return read ? [read.value] : []
  })
}

/** `-prune-` empties the list first, `-item` takes one away. */
function readEdit(kind: ListKind<unknown>, items: readonly Node[], at: Place, reading: Reading): ListEdit {
  const isPrune = (item: Node) => isScalar(item) && item.text === '-prune-'
  const isRemoval = (item: Node) => isScalar(item) && item.text.startsWith('-') && !isPrune(item)
  return {
    place: at,
    prune: items.some(isPrune),
    remove: readItems(
      kind,
      items.filter(isRemoval).map((item) => (isScalar(item) ? { ...item, text: item.text.slice(1) } : item)),
      at,
      reading,
    ),
    add: readItems(
      kind,
      items.filter((item) => !isPrune(item) && !isRemoval(item)),
      at,
      reading,
    ),
  }
}

/** Undefined after the mistake was told. */
export function readScalar<T>(
  kind: Kind<T>,
  node: Node,
  at: Place,
  { mistakes }: Pick<Reading, 'mistakes'>,
): { readonly value: T } | undefined {
  const read = isScalar(node) && !isNull(node) ? kind.read(node.text) : undefined
  if (!read) mistakes.add(at, `expected ${kind.expected}, found ${described(node)}`)
  return read
}

function unknownText(name: string, { columns, others }: ObjectForm): string {
  const known = [...others, ...Object.values(columns).map(({ mailu }) => mailu)].sort()
  const hint = name.startsWith('-') ? '; a leading - is for updates (--update)' : ''
  return `there is no attribute ${JSON.stringify(name.slice(0, 100))}; expected one of ${known.join(', ')}${hint}`
}

/** What a row comes to: what it is now, or the standard, and on it what the file says. */
export function merged(
  said: Said,
  base: Readonly<Record<string, unknown>>,
  { mistakes }: Pick<Reading, 'mistakes'>,
): Record<string, unknown> {
  const lists = [...said.edits].map(([key, edit]) => [key, edited(base[key], edit, mistakes)])
  return { ...base, ...Object.fromEntries([...said.values, ...lists]) }
}

function edited(base: unknown, { place, prune, remove, add }: ListEdit, mistakes: Mistakes): unknown[] {
  const had: unknown[] = Array.isArray(base) ? base : []
  for (const item of remove) {
    if (!prune && !had.includes(item)) mistakes.add(place, `there is no ${String(item)} to take away`)
  }
  const kept = prune ? [] : had.filter((item) => !remove.includes(item))
  return [...new Set([...kept, ...add])]
}

/** What a file means that says nothing. Columns without a standard are left to the directory. */
export function standardOf(columns: Columns): Record<string, unknown> {
  const entries = Object.entries(columns).filter(([, { standard }]) => standard !== undefined)
  return Object.fromEntries(entries.map(([key, { standard }]) => [key, standard]))
}
