import { parseNetworks } from '../../lib/networks.ts'
import type { Fetching } from '../../ports/fetching.ts'
import type { Service } from '../../ports/runtime.ts'
import { Collector, type CollectorParts } from './collector.ts'
import { fetchRounds } from './rounds.ts'

interface FetchingParts extends Omit<CollectorParts, 'allowed'> {
  /** Private networks that people may fetch from. */
  readonly networks: readonly string[]
  readonly everySeconds: number
}

/** Collects mail from mailboxes elsewhere. */
export function createFetching(parts: FetchingParts): {
  readonly fetching: Fetching
  readonly service: Service
} {
  const collector = new Collector({ ...parts, allowed: parseNetworks(parts.networks).networks })
  const { list, clock, log, everySeconds } = parts
  return {
    fetching: collector,
    service: fetchRounds({ collector, list, clock, log, everyMs: everySeconds * 1000 }),
  }
}
