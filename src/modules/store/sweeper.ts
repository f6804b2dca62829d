import type { Database } from '../../platform/sqlite/database.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import type { Blobs } from './blobs.ts'
import type { Writing } from './writing.ts'

const everyMs = 10 * 60 * 1000
/** An expunge can be undone, and a running backup still finds its blobs, for this long. */
const keptMs = 24 * 60 * 60 * 1000
const rowsPerStep = 200

interface Sweeping {
  readonly writing: Writing
  readonly blobs: Blobs
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
}

interface Sweeper {
  /** Before anything arrives: what lies there now and has no row is of a crash. */
  start(): Promise<void>
  once(): Promise<void>
  /** The disk is full: what was kept for undoing makes room at once. */
  makeRoom(): void
  stop(): Promise<void>
}

/** Takes away what nobody can reach any more, in short transactions between those of others. */
export function createSweeper(parts: Sweeping): Sweeper {
  const ended = new AbortController()
  let running: Promise<void> = Promise.resolve()
  let makingRoom = false
  const sweep = (keepMs: number) => {
    running = running
      .then(() => sweepAll(parts, keepMs, ended.signal))
      .catch((cause) => parts.log.error('store.sweep-failed', cause))
    return running
  }
  const once = () => sweep(keptMs)
  const loop = async (listed: readonly string[]) => {
    await removeOrphans(parts, listed, ended.signal).catch((cause) =>
      parts.log.error('store.orphans-failed', cause),
    )
    while (!ended.signal.aborted) {
      await once()
      await parts.clock.sleep(everyMs, ended.signal)
    }
  }
  let looping: Promise<void> = Promise.resolve()
  return {
    async start() {
      const listed: string[] = []
      for await (const names of parts.blobs.list()) listed.push(...names)
      looping = loop(listed)
    },
    once,
    makeRoom() {
      if (makingRoom || ended.signal.aborted) return
      makingRoom = true
      void sweep(0).then(() => {
        makingRoom = false
      })
    },
    async stop() {
      ended.abort()
      await looping
      await running
    },
  }
}

async function sweepAll(
  { writing, blobs, clock }: Sweeping,
  keepMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const swept = await writing.call('sweep', { now: clock.now(), keepMs, limit: rowsPerStep })
    for (const blob of swept.blobs) await blobs.remove(blob)
    // Only now: a crash before this line unlinks them once more.
    if (swept.blobs.length > 0) await writing.call('forgetBlobs', { blobs: swept.blobs })
    if (!swept.more) return
  }
}

/** A crash between placing a blob and the commit that names it leaves a file that no row knows. */
async function removeOrphans(
  { blobs, db, log }: Sweeping,
  listed: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const isKnown = knownBlobs(db)
  for (const blob of listed) {
    if (signal.aborted) return
    if (isKnown(blob)) continue
    await blobs.remove(blob)
    log.info('store.orphan-removed', { blob })
  }
}

/** By body_blob and the tombstones' key. */
export function knownBlobs(db: Database): (blob: string) => boolean {
  const known = db
    .prepare<[string, string], number>(
      'SELECT EXISTS (SELECT 1 FROM body WHERE blob = ?) OR EXISTS (SELECT 1 FROM blob_tombstone WHERE blob = ?)',
    )
    .pluck()
  return (blob) => known.get(blob, blob) === 1
}
