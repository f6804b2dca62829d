import type { Uid } from '../../../ports/mail-store.ts'
import { ascending } from '../uids.ts'
import type { PlacementRow, Sql } from './sql.ts'

const page = 1_000

/** All of a mailbox in pages, ascending; rows already read may be deleted meanwhile. */
export function* everyPlacement(sql: Sql, mailbox: number): Generator<PlacementRow> {
  for (let from = 1; ; ) {
    const rows = sql.placements.all(mailbox, from, page)
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < page) return
    from = last.uid + 1
  }
}

/** Those of `uids` that exist, ascending, each once. */
export function* namedPlacements(sql: Sql, mailbox: number, uids: readonly Uid[]): Generator<PlacementRow> {
  for (const uid of ascending(uids)) {
    const row = sql.placement.get(mailbox, uid)
    if (row) yield row
  }
}
