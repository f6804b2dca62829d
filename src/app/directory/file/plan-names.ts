import type { DomainName } from '../../../lib/address.ts'
import { type Place, within } from './mistakes.ts'
import type { Row } from './plan-row.ts'
import { goers, type Planning } from './planning.ts'
import type { ReadFile } from './read-file.ts'
import type { Said } from './read-object.ts'

export interface DomainTarget {
  readonly name: DomainName
  readonly row: Row
  readonly said: Said
  readonly changed: boolean
}

/** A name is that of one domain, alternative or relay alone. */
export function checkNames(
  file: Pick<ReadFile, 'domain' | 'relay'>,
  targets: readonly DomainTarget[],
  planning: Planning,
): void {
  const taken = new Map<DomainName, string>()
  const take = (name: DomainName, what: string, place: Place | undefined) => {
    const other = taken.get(name)
    if (other !== undefined && place) planning.mistakes.add(place, `${name} is ${other} already`)
    taken.set(name, what)
  }
  for (const [name, what] of leftAlone(file, planning)) take(name, what, undefined)
  for (const { name, row, said } of targets) {
    take(name, 'a domain', said.place)
    const place = within(said.place, 'alternatives', said.place.line)
    for (const other of alternativesIn(row)) take(other, `another name of ${name}`, place)
  }
  for (const { key, said } of file.relay.items) if (key !== undefined) take(key, 'a relay', said.place)
}

export const alternativesIn = (row: DomainTarget['row']) =>
  (row['alternatives'] ?? []) as readonly DomainName[]

/** Names that the file neither sets nor takes away. */
function leftAlone(
  file: Pick<ReadFile, 'domain' | 'relay'>,
  planning: Planning,
): readonly (readonly [DomainName, string])[] {
  const { domains, relays } = planning.current.rows
  const staying = <Row extends { readonly name: DomainName }>(
    section: ReadFile['domain'],
    rows: readonly Row[],
  ) => {
    const names = rows.map(({ name }) => name)
    // What is wrong with the deletions is told where they are planned.
    const gone = new Set(goers(section, names, { mode: planning.mode }).map(({ key }) => key))
    const named = new Set(section.items.map(({ key }) => key))
    return rows.filter(({ name }) => !gone.has(name) && !named.has(name))
  }
  return [
    ...staying(file.domain, domains).flatMap(({ name, alternatives }) => [
      [name, 'a domain'] as const,
      ...alternatives.map((other) => [other, `another name of ${name}`] as const),
    ]),
    ...staying(file.relay, relays).map(({ name }) => [name, 'a relay'] as const),
  ]
}
