import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { SqliteFailure } from '../../../platform/sqlite/failure.ts'
import type { SqliteWriter } from '../../../platform/sqlite/writer.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import { SpamMemory } from './memory.ts'

interface Place {
  readonly dataDir: string
  readonly writer: SqliteWriter
  readonly clock: Clock
  readonly log: Log
}

/** A damaged memory must not keep mail out: it is put aside, and the filter begins anew. */
export async function openMemory({ dataDir, writer, clock, log }: Place): Promise<SpamMemory> {
  try {
    return await SpamMemory.open(dataDir, writer)
  } catch (cause) {
    if (!(cause instanceof SqliteFailure && cause.reason === 'damaged')) throw cause
    const aside = `spam.db.damaged-${clock.now()}`
    for (const end of ['', '-wal', '-shm'])
      moveAway(join(dataDir, `spam.db${end}`), join(dataDir, `${aside}${end}`))
    log.error('spam.memory-damaged', cause, { aside })
    return await SpamMemory.open(dataDir, writer)
  }
}

function moveAway(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
  }
}
