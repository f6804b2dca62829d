import type { Address } from '../../../lib/address.ts'
import type { Kinds } from '../../../ports/directory-writer.ts'
import { aliasColumns, relayColumns } from '../columns.ts'
import { checkDomain, createdAt, targetOf } from './plan-row.ts'
import { checkDeletions, goers, type PlannedChange, type Planning, type Steps } from './planning.ts'
import type { ReadFile } from './read-file.ts'
import type { Said } from './read-object.ts'

export function planAliases(file: Pick<ReadFile, 'alias' | 'user'>, planning: Planning): Steps {
  const rows = planning.current.rows.aliases
  const present = rows.map(({ address }) => address)
  const before = new Map(rows.map((row) => [row.address, row]))
  const owners = ownersIn(file, planning)
  checkDeletions(file.alias, present, planning)
  const made = file.alias.items.flatMap(({ key: address, said }): PlannedChange[] => {
    if (address === undefined) return []
    checkDomain(address, said, planning)
    const owned = withOwner(said, owners.get(address))
    const { row, changed } = targetOf(owned, before.get(address), aliasColumns, planning)
    const wanted = { address, ...row, ...createdAt(said, planning) } as Kinds['alias']['row']
    // With its owner an anonymous alias would go.
    const goes = planning.going.users.has(row['owner'] as Address)
    return changed || goes ? [{ change: { on: 'alias', do: 'put', row: wanted }, place: said.place }] : []
  })
  const gone = goers(file.alias, present, planning)
  return { made, gone: gone.map(({ key, place }) => ({ change: { on: 'alias', do: 'delete', key }, place })) }
}

/** Mailu tells the owner twice: as `owner_email` of the alias, which counts, and in `owned_aliases` of the user. */
function ownersIn(
  { user, alias }: Pick<ReadFile, 'alias' | 'user'>,
  { remark }: Planning,
): Map<string, Address> {
  const owners = new Map<string, Address>()
  const named = new Set(alias.items.map(({ key }) => key))
  for (const { key: owner, said } of user.items) {
    const owned = said.values.get('ownedAliases') ?? said.edits.get('ownedAliases')?.add ?? []
    for (const address of owned as readonly string[]) {
      if (owner === undefined) continue
      if (named.has(address)) owners.set(address, owner)
      else remark(`owned_aliases of ${owner}: the section alias has no ${address}, so nothing was done`)
    }
  }
  return owners
}

function withOwner(said: Said, owner: Address | undefined): Said {
  if (owner === undefined || said.values.has('owner')) return said
  return { ...said, values: new Map([...said.values, ['owner', owner]]) }
}

export function planRelays(section: ReadFile['relay'], planning: Planning): Steps {
  const rows = planning.current.rows.relays
  const present = rows.map(({ name }) => name)
  const before = new Map(rows.map((row) => [row.name, row]))
  checkDeletions(section, present, planning)
  const made = section.items.flatMap(({ key: name, said }): PlannedChange[] => {
    if (name === undefined) return []
    const { row, changed } = targetOf(said, before.get(name), relayColumns, planning)
    const wanted = { name, ...row, ...createdAt(said, planning) } as Kinds['relay']['row']
    return changed ? [{ change: { on: 'relay', do: 'put', row: wanted }, place: said.place }] : []
  })
  const gone = goers(section, present, planning)
  return { made, gone: gone.map(({ key, place }) => ({ change: { on: 'relay', do: 'delete', key }, place })) }
}
