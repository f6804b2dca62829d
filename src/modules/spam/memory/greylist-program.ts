import type { Database } from '../../../platform/sqlite/database.ts'

/** A message that looks doubtful, and comes from nobody known. */
export interface GreylistQuestion {
  /** The sender in his network. */
  readonly peer: Uint8Array
  /** What the message has in common with itself when it comes again; one is enough. */
  readonly keys: readonly Uint8Array[]
  readonly now: number
}

export interface KnownPeer {
  readonly peer: Uint8Array
  readonly now: number
}

const delayMs = 5 * 60_000
const keptMs = 24 * 3_600_000
const knownMs = 35 * 24 * 3_600_000
/** Not written again for less. */
const renewedMs = 24 * 3_600_000
/** Who sends from many places must not fill the disk: the oldest make room. */
const mostRows = 100_000
const removedAtOnce = 1_000

/** What the writer thread can do to the greylist. */
export function greylistOperations(db: Database) {
  const find = db.prepare('SELECT first, known FROM greylist WHERE key = ? AND until > ?')
  const put = db.prepare(
    `INSERT INTO greylist (key, first, until, known) VALUES (@key, @now, @until, @known)
       ON CONFLICT DO UPDATE SET first = @now, until = @until, known = @known`,
  )
  const renew = db.prepare(
    `INSERT INTO greylist (key, first, until, known) VALUES (@key, @now, @until, 1)
       ON CONFLICT DO UPDATE SET until = @until, known = 1 WHERE known = 0 OR until < @until - ${renewedMs}`,
  )
  const expire = db.prepare(
    'DELETE FROM greylist WHERE key IN (SELECT key FROM greylist ORDER BY until LIMIT ?)',
  )
  const sweep = db.prepare('DELETE FROM greylist WHERE until <= ?')
  let rows = Number(db.prepare('SELECT count(*) FROM greylist').pluck().get())
  const found = (key: Uint8Array, now: number) =>
    find.get(key, now) as { first: number; known: number } | undefined
  const makeRoom = () => {
    if (rows >= mostRows) rows -= expire.run(removedAtOnce).changes
  }
  const knowPeer = ({ peer, now }: KnownPeer): void => {
    makeRoom()
    // Counted too often, never too seldom; the next start counts again.
    rows += renew.run({ key: peer, now, until: now + knownMs }).changes
  }
  return {
    /** Whether the message has waited long enough, or comes from somebody who has. */
    mayPass: ({ peer, keys, now }: GreylistQuestion): boolean => {
      const before = keys.map((key) => found(key, now)).filter((row) => row !== undefined)
      if (found(peer, now)?.known === 1 || before.some(({ first }) => first <= now - delayMs)) {
        knowPeer({ peer, now })
        return true
      }
      for (const key of before.length > 0 ? [] : keys) {
        makeRoom()
        rows += put.run({ key, now, until: now + keptMs, known: 0 }).changes
      }
      return false
    },
    knowPeer,
    sweepGreylist: ({ now }: { now: number }): void => {
      rows -= sweep.run(now).changes
    },
  }
}
