import type { Address, DomainName } from '../../../lib/address.ts'
import type { Everything } from '../../../ports/directory-reader.ts'
import type { Change } from '../../../ports/directory-writer.ts'
import type { Place } from './mistakes.ts'
import type { Reading } from './read-object.ts'
import type { Section } from './read-section.ts'

/** What is there before the import, secrets included. */
export interface Current {
  readonly rows: Everything
  readonly passwordHashes: ReadonlyMap<Address, string>
  readonly tokenHashes: ReadonlyMap<number, string>
  readonly fetchPasswords: ReadonlyMap<number, string>
  readonly dkimKeys: ReadonlyMap<DomainName, string>
}

export interface PlannedChange {
  readonly change: Change
  /** Where the file asks for it; undefined for what it does not name. */
  readonly place: Place | undefined
}

export interface KeyChange {
  readonly domain: DomainName
  readonly to: { readonly pem: string } | 'generate' | 'remove'
  readonly had: boolean
}

export interface Planning extends Reading {
  readonly current: Current
  readonly remark: (text: string) => void
  /** What goes, with all that is in it or is his. */
  readonly going: { readonly domains: ReadonlySet<DomainName>; readonly users: ReadonlySet<Address> }
}

/** Parts of a plan, in the order in which they can be done: what goes makes room for what comes. */
export interface Steps {
  readonly gone: readonly PlannedChange[]
  readonly made: readonly PlannedChange[]
}

export interface Goer<Key> {
  readonly key: Key
  /** Undefined where the file just does not name it. */
  readonly place: Place | undefined
}

/** What a section makes go: what it deletes by name, and all that it does not name where it is all there is. */
export function goers<Key>(
  { items, deleted, prune }: Section<Key>,
  present: readonly Key[],
  { mode }: Pick<Reading, 'mode'>,
): Goer<Key>[] {
  const told = new Set([...items, ...deleted].map(({ key }) => key))
  const rest = mode === 'replace' || prune ? present.filter((key) => !told.has(key)) : []
  return [...deleted, ...rest.map((key) => ({ key, place: undefined }))]
}

/** What is wrong with deletions by name. */
export function checkDeletions<Key>(
  { items, deleted }: Section<Key>,
  present: readonly Key[],
  { mistakes }: Reading,
): void {
  const there = new Set(present)
  const named = new Set(items.map(({ key }) => key))
  for (const { key, place } of deleted) {
    if (!there.has(key)) mistakes.add(place, `there is no ${String(key)} to delete`)
    if (named.has(key)) mistakes.add(place, `${String(key)} is deleted here, and set elsewhere in the file`)
  }
}
