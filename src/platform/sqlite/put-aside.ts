import { renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, Log } from '../../ports/runtime.ts'
import { SqliteFailure } from './failure.ts'

interface Place {
  readonly dataDir: string
  /** `spam.db`. */
  readonly name: string
  readonly clock: Clock
  readonly log: Log
}

/** For a file that mail does not hang on: a damaged one is put aside, and begun anew. */
export async function openOrPutAside<T>(
  { dataDir, name, clock, log }: Place,
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open()
  } catch (cause) {
    if (!(cause instanceof SqliteFailure && cause.reason === 'damaged')) throw cause
    const aside = `${name}.damaged-${clock.now()}`
    for (const end of ['', '-wal', '-shm'])
      moveAway(join(dataDir, `${name}${end}`), join(dataDir, `${aside}${end}`))
    log.error('sqlite.put-aside', cause, { file: name, aside })
    return await open()
  }
}

function moveAway(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
  }
}
