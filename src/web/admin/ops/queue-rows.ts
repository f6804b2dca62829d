import { nextTurn } from '../../../platform/next-turn.ts'
import type { OutgoingQueue, QueuedRecipient, Way } from '../../../ports/outgoing-queue.ts'

export type RowState = 'held' | 'failing' | 'new'

export interface QueueSearch {
  /** Part of an address, a domain or the id of a message in the log; empty finds all. */
  readonly text: string
  readonly state: RowState | undefined
}

export interface Destination {
  readonly way: Way
  readonly count: number
  readonly held: number
  readonly failing: number
  readonly oldest: number
}

interface Looked {
  readonly found: readonly QueuedRecipient[]
  /** The fullest first. */
  readonly destinations: readonly Destination[]
  readonly total: number
  /** There are more, which nobody has looked at. */
  readonly isCut: boolean
}

const rowsPerLook = 500
/** Whoever has more waiting sees the oldest of them. */
const mostRows = 10_000

export function stateOf({ held, last }: QueuedRecipient): RowState {
  if (held) return 'held'
  return last ? 'failing' : 'new'
}

/** The oldest first: what fits the search, and how much there is for each destination. */
export async function lookThrough(queue: Pick<OutgoingQueue, 'list'>, search: QueueSearch): Promise<Looked> {
  const found: QueuedRecipient[] = []
  const destinations = new Map<Way, Destination>()
  let total = 0
  for (let after = 0; total < mostRows; ) {
    const rows = await queue.list(after, rowsPerLook)
    for (const row of rows) {
      if (fits(row, search)) found.push(row)
      destinations.set(row.destination, counted(row, destinations.get(row.destination)))
    }
    total += rows.length
    const last = rows.at(-1)
    if (!last || rows.length < rowsPerLook) return { found, total, isCut: false, ...sorted(destinations) }
    after = last.id
    await nextTurn()
  }
  return { found, total, isCut: true, ...sorted(destinations) }
}

function fits(row: QueuedRecipient, { text, state }: QueueSearch): boolean {
  if (state !== undefined && stateOf(row) !== state) return false
  const words = [row.address, row.sender ?? '', row.destination, row.arrival]
  return words.some((word) => word.includes(text.toLowerCase()))
}

function counted(row: QueuedRecipient, known: Destination | undefined): Destination {
  const { count = 0, held = 0, failing = 0, oldest = row.acceptedAt } = known ?? {}
  const state = stateOf(row)
  return {
    way: row.destination,
    count: count + 1,
    held: held + (state === 'held' ? 1 : 0),
    failing: failing + (state === 'failing' ? 1 : 0),
    oldest: Math.min(oldest, row.acceptedAt),
  }
}

const sorted = (destinations: ReadonlyMap<Way, Destination>) => ({
  destinations: [...destinations.values()].sort((one, other) => other.count - one.count),
})
