import type { Kinds } from '../../../ports/directory-writer.ts'
import { domainColumns } from '../columns.ts'
import { readDkimKey } from './dkim-key.ts'
import { alternativesIn, type DomainTarget } from './plan-names.ts'
import { createdAt, targetOf } from './plan-row.ts'
import {
  checkDeletions,
  goers,
  type KeyChange,
  type PlannedChange,
  type Planning,
  type Steps,
} from './planning.ts'
import type { ReadFile } from './read-file.ts'

interface DomainPlan extends Steps {
  readonly targets: readonly DomainTarget[]
  readonly keys: readonly KeyChange[]
}

export function planDomains(section: ReadFile['domain'], planning: Planning): DomainPlan {
  const { domains } = planning.current.rows
  const names = domains.map(({ name }) => name)
  const before = new Map(domains.map((row) => [row.name, row]))
  checkDeletions(section, names, planning)
  const targets = section.items.flatMap(({ key: name, said }): DomainTarget[] =>
    name === undefined ? [] : [{ name, said, ...targetOf(said, before.get(name), domainColumns, planning) }],
  )
  const gone = goers(section, names, planning)
  return {
    targets,
    gone: gone.map(({ key, place }) => ({ change: { on: 'domain', do: 'delete', key }, place })),
    made: [...freed(targets, planning), ...targets.flatMap((target) => made(target, planning))],
    keys: targets.flatMap((target) => keyChange(target, planning)),
  }
}

function made({ name, said, row, changed }: DomainTarget, planning: Planning): PlannedChange[] {
  if (!changed) return []
  const wanted = { name, ...row, ...createdAt(said, planning) } as Kinds['domain']['row']
  return [{ change: { on: 'domain', do: 'put', row: wanted }, place: said.place }]
}

/** An alternative that goes from one domain to another must be given up before it is taken. */
function freed(targets: readonly DomainTarget[], planning: Planning): PlannedChange[] {
  const before = new Map(planning.current.rows.domains.map((row) => [row.name, row]))
  const owner = new Map(targets.flatMap(({ name, row }) => alternativesIn(row).map((other) => [other, name])))
  return targets.flatMap(({ name, said }): PlannedChange[] => {
    const had = before.get(name)?.alternatives ?? []
    const kept = had.filter((other) => (owner.get(other) ?? name) === name)
    if (kept.length === had.length) return []
    return [{ change: { on: 'domain', do: 'set', key: name, to: { alternatives: kept } }, place: said.place }]
  })
}

function keyChange({ name, said }: DomainTarget, { mistakes, current }: Planning): KeyChange[] {
  const wish = readDkimKey(said, mistakes)
  const existing = current.dkimKeys.get(name)
  const had = existing !== undefined
  if (wish === 'keep' || (wish === 'remove' && !had)) return []
  if (typeof wish === 'object' && wish.pem.trim() === existing?.trim()) return []
  return [{ domain: name, to: wish, had }]
}
