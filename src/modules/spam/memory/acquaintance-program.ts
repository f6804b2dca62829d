import type { Database } from '../../../platform/sqlite/database.ts'

/** A sender of a message that was weighed. */
export interface Sighting {
  readonly digest: Uint8Array
  readonly subjects: readonly number[]
  /** What the filter thought of it; undefined where it was not sure. */
  readonly spam: boolean | undefined
  readonly at: number
}

export interface Written {
  readonly scope: number
  readonly subject: number
  readonly at: number
}

/** What is counted for or against somebody. */
export interface Regard {
  readonly scope: number
  readonly subjects: readonly number[]
  readonly spam: boolean
  readonly by: number
  readonly at: number
}

export interface KeptPrint {
  readonly account: number
  readonly digest: Uint8Array
  readonly print: Uint8Array
  readonly bands: readonly number[]
  readonly at: number
}

export interface ReplacedPrints extends Pick<KeptPrint, 'account' | 'digest'> {
  readonly prints: readonly KeptPrint[]
}

interface Sweep {
  readonly sightingsBefore: number
  readonly reputationBefore: number
  readonly writtenBefore: number
  readonly printsBefore: number
  readonly mostRows: number
  readonly atMost: number
}

/** Beyond it nothing changes: who sends much must be able to become another. */
const mostCounted = 400

/** What the writer thread can do to what is known of senders. */
export function createAcquaintanceProgram(db: Database) {
  const see = db.prepare(
    'INSERT OR IGNORE INTO sighting (digest, subjects, at) VALUES (@digest, @subjects, @at)',
  )
  const regard = db.prepare(
    `INSERT INTO reputation (scope, subject, ham, spam, at)
       VALUES (@scope, @subject, max(@ham, 0), max(@spam, 0), @at)
       ON CONFLICT DO UPDATE SET ham = min(max(ham + @ham, 0), ${mostCounted}),
         spam = min(max(spam + @spam, 0), ${mostCounted}), at = max(at, @at)`,
  )
  const write = db.prepare(
    'INSERT INTO written (scope, subject, at) VALUES (@scope, @subject, @at) ON CONFLICT DO UPDATE SET at = @at',
  )
  const addPrint = db.prepare(
    'INSERT INTO print (account, digest, print, at) VALUES (@account, @digest, @print, @at)',
  )
  const addBand = db.prepare('INSERT OR IGNORE INTO print_band (band, number) VALUES (?, ?)')
  const dropPrints = db.prepare('DELETE FROM print WHERE account = ? AND digest = ?')
  const ofAccount = ['reputation WHERE scope', 'written WHERE scope', 'print WHERE account'].map((where) =>
    db.prepare(`DELETE FROM ${where} = ?`),
  )
  const expiries = (['sighting', 'reputation', 'written', 'print'] as const).map((table) => ({
    table,
    expire: db.prepare(`DELETE FROM ${table} WHERE at < ?`),
    count: db.prepare(`SELECT count(*) FROM ${table}`).pluck(),
    last: db.prepare(`SELECT at FROM ${table} ORDER BY at LIMIT 1 OFFSET ?`).pluck(),
  }))
  const regards = (all: readonly Regard[]): void => {
    for (const { scope, subjects, spam, by, at } of all)
      for (const subject of subjects)
        regard.run({ scope, subject, ham: spam ? 0 : by, spam: spam ? by : 0, at })
  }
  const keepPrints = (prints: readonly KeptPrint[]): void => {
    for (const { bands, ...print } of prints) {
      const { lastInsertRowid } = addPrint.run(print)
      for (const band of bands) addBand.run(band, lastInsertRowid)
    }
  }
  return {
    regards,
    note: ({ sightings, written }: { sightings: readonly Sighting[]; written: readonly Written[] }): void => {
      for (const { digest, subjects, spam, at } of sightings) {
        const seen = see.run({ digest, subjects: packSubjects(subjects), at })
        if (seen.changes > 0 && spam !== undefined) regards([{ scope: 0, subjects, spam, by: 1, at }])
      }
      for (const each of written) write.run(each)
    },
    keepPrints,
    dropPrints: (account: number, digest: Uint8Array): void => {
      dropPrints.run(account, digest)
    },
    /** Those of one message in the place of what is kept of it; tells how many were there. */
    replacePrints: ({ account, digest, prints }: ReplacedPrints): number => {
      const gone = dropPrints.run(account, digest).changes
      keepPrints(prints)
      return gone
    },
    forgetAccount: (account: number): void => {
      for (const statement of ofAccount) statement.run(account)
    },
    /** Some at a time: what is left goes the next time. */
    sweepAcquaintance: (sweep: Sweep): void => {
      const before = {
        sighting: sweep.sightingsBefore,
        reputation: sweep.reputationBefore,
        written: sweep.writtenBefore,
        print: sweep.printsBefore,
      }
      for (const { table, expire, count, last } of expiries) {
        const crowd = Number(count.get()) > sweep.mostRows ? Number(last.get(sweep.atMost) ?? 0) : 0
        const due = Number(last.get(sweep.atMost) ?? Number.MAX_SAFE_INTEGER)
        expire.run(Math.max(crowd, Math.min(before[table], due)))
      }
    },
  }
}

export const packSubjects = (subjects: readonly number[]): Uint8Array =>
  new Uint8Array(Float64Array.from(subjects).buffer)

export const unpackSubjects = (subjects: Uint8Array): number[] => [
  ...new Float64Array(Uint8Array.from(subjects).buffer),
]
