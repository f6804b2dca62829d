import { domainOf } from '../../../lib/address.ts'
import type { TableMistake, TableRow } from '../../../lib/user-table.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { ColumnChange } from '../../../ports/directory-rows.ts'
import type { Change } from '../../../ports/directory-writer.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import { type Actor, manages, outranks } from '../../site/actor.ts'

/** What becomes of one line. */
export interface LineOutcome {
  readonly line: number
  readonly address: string
  readonly did: 'created' | 'modified' | 'unchanged' | 'deleted'
  readonly columns: readonly ColumnChange[]
}

export type TableOutcome =
  | { readonly kind: 'fits'; readonly lines: readonly LineOutcome[] }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly TableMistake[] }
  | TryLater

interface Plan {
  readonly changes: readonly Change[]
  /** Of each change. */
  readonly rows: readonly TableRow[]
  readonly mistakes: readonly TableMistake[]
}

/** Who is there is changed, who is not is added: as far as the actor may. */
async function planOf(admin: DirectoryAdmin, actor: Actor, table: readonly TableRow[]): Promise<Plan> {
  const changes: Change[] = []
  const rows: TableRow[] = []
  const mistakes: TableMistake[] = []
  for (const row of table) {
    const change = await changeFor(admin, actor, row)
    if (typeof change === 'string') {
      mistakes.push({ line: row.line, address: row.address, text: change })
    } else {
      changes.push(change)
      rows.push(row)
    }
  }
  return { changes, rows, mistakes }
}

const notYours = 'There is no such user or domain that you may change.'

async function changeFor(
  admin: DirectoryAdmin,
  actor: Actor,
  { address, settings, secret }: TableRow,
): Promise<Change | string> {
  if (!manages(actor, domainOf(address))) return notYours
  const user = await admin.user(address)
  if (!user) return { on: 'user', do: 'add', row: { address, ...settings, ...secret } }
  if (!(await outranks(admin, actor, user))) return notYours
  const isHimself = address === actor.user.address
  if (isHimself && (settings.enabled === false || settings.globalAdmin === false))
    return 'You cannot switch yourself off, or give up being an admin.'
  return { on: 'user', do: 'set', key: address, to: { ...settings, ...secret } }
}

/** Everything or nothing; with `dryRun` nothing, and what it would be. */
export async function applyTable(
  admin: DirectoryAdmin,
  actor: Actor,
  { table, wrong, dryRun }: { table: readonly TableRow[]; wrong: readonly TableMistake[]; dryRun: boolean },
): Promise<TableOutcome> {
  const { changes, rows, mistakes } = await planOf(admin, actor, table)
  const before = [...wrong, ...mistakes]
  // What is right is tried all the same: all mistakes are told at once.
  const isTrial = dryRun || before.length > 0
  const done = await admin.apply(changes, { actor: actor.user.address, dryRun: isTrial })
  if (done.kind === 'later') return done
  if (done.kind === 'not-applied' || before.length > 0) {
    const refused = done.kind === 'not-applied' ? done.refusals : []
    const told = refused.map(({ at, key, outcome }) => ({
      line: rows[at]?.line ?? 0,
      address: key,
      text: outcome.kind === 'refused' ? outcome.text : notYours,
    }))
    return { kind: 'mistakes', mistakes: [...before, ...told].toSorted((a, b) => a.line - b.line) }
  }
  const lines = done.steps.map(({ did, columns }, at) => ({
    line: rows[at]?.line ?? 0,
    address: rows[at]?.address ?? '',
    did,
    columns,
  }))
  return { kind: 'fits', lines }
}
