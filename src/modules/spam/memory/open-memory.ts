import { openOrPutAside } from '../../../platform/sqlite/put-aside.ts'
import type { SqliteWriter } from '../../../platform/sqlite/writer.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import { SpamMemory } from './memory.ts'

interface Place {
  readonly dataDir: string
  readonly writer: SqliteWriter
  readonly clock: Clock
  readonly log: Log
}

/** A damaged memory must not keep mail out: the filter begins anew. */
export function openMemory({ writer, ...place }: Place): Promise<SpamMemory> {
  return openOrPutAside({ ...place, name: 'spam.db' }, () =>
    SpamMemory.open(place.dataDir, writer, place.log),
  )
}
