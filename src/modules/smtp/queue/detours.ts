import { domainOf } from '../../../lib/address.ts'
import { type RouteMap, senderKey } from '../../../lib/route-map.ts'
import type { OutgoingQueue, QueuedRecipient, QueueId, Way } from '../../../ports/outgoing-queue.ts'
import type { RelayRoutes } from '../../../ports/routes.ts'
import type { MapFile } from '../map-file.ts'
import { bySender, isBySender } from '../routing/route.ts'
import type { Batch } from './batch.ts'
import type { Here } from './here.ts'

interface Parts {
  readonly queue: Pick<OutgoingQueue, 'reroute'>
  readonly relays: RelayRoutes
  readonly here: Pick<Here, 'isOurs'>
  readonly routes: Pick<MapFile<RouteMap>, 'read'>
}

/** Mail of senders with a relay of their own leaves the way of its recipient's domain when it is due. */
export interface Detours {
  /** Those of a batch that have to go another way; they wait there now. */
  turn(way: Way, batch: Batch): Promise<ReadonlySet<QueueId>>
}

export function createDetours(parts: Parts): Detours {
  return {
    async turn(way, batch) {
      const found = await parts.routes.read()
      const turned = new Set<QueueId>()
      if (found.kind === 'broken' || !mayTurn(way, found.map)) return turned
      const ways = await Promise.all(batch.map((row) => wayOf(row, found.map, parts)))
      const byWay = Map.groupBy(batch, (_, index) => ways[index] ?? way)
      for (const [another, rows] of byWay) {
        if (another === way) continue
        const ids = rows.map(({ id }) => id)
        const changed = await parts.queue.reroute(ids, another)
        if (changed.kind === 'later') throw new Error(changed.text)
        for (const id of ids) turned.add(id)
      }
      return turned
    },
  }
}

/** What goes by its own way; other words in front of it were chosen for a reason. */
function mayTurn(way: Way, map: RouteMap): boolean {
  return isBySender(way) || (map.size > 0 && !way.includes(':'))
}

/** As in Postfix, what is said of a recipient's domain counts more than what is said of the sender. */
async function wayOf(
  { address, sender }: QueuedRecipient,
  map: RouteMap,
  { relays, here }: Parts,
): Promise<Way> {
  const domain = domainOf(address)
  const key = senderKey(map, sender)
  if (key === undefined || map.has(domain as string as typeof key) || (await here.isOurs(domain)))
    return domain
  return (await relays.relay(domain)).kind === 'none' ? bySender(key) : domain
}
