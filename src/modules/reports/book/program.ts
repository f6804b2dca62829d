import type { Database } from '../../../platform/sqlite/database.ts'

/** Messages that have the same to say, seen since they were written down last. */
export interface SeenCount {
  readonly day: string
  readonly domain: string
  readonly policy: string
  readonly facts: string
  readonly messages: number
}

export interface KeptReport {
  readonly kind: 'dmarc' | 'tls'
  readonly domain: string
  readonly reporter: string
  readonly reportId: string
  readonly ends: number
  readonly received: number
  readonly body: string
}

/** Mailu's most entries of one domain. */
const mostFacts = 1000
const mostDomains = 5000
const mostReports = 20_000
/** Of more than 16 KiB, some 40 rows: they may be a hundred times that. */
const mostLarge = 500

/** What the writer thread can do to reports.db. */
export function createProgram(db: Database) {
  const more = db.prepare(
    'UPDATE seen SET messages = messages + @messages WHERE day = @day AND domain = @domain AND facts = @facts',
  )
  const begin = db.prepare(
    `INSERT INTO seen_domain (day, domain, policy, facts, missed)
       SELECT @day, @domain, @policy, 0, 0 WHERE (SELECT count(*) FROM seen_domain WHERE day = @day) < ${mostDomains}
       ON CONFLICT DO UPDATE SET policy = excluded.policy`,
  )
  const add = db.prepare(
    `INSERT INTO seen (day, domain, facts, messages)
       SELECT day, domain, @facts, @messages FROM seen_domain
         WHERE day = @day AND domain = @domain AND facts < ${mostFacts}`,
  )
  const grow = db.prepare('UPDATE seen_domain SET facts = facts + 1 WHERE day = @day AND domain = @domain')
  const miss = db.prepare(
    'UPDATE seen_domain SET missed = missed + @messages WHERE day = @day AND domain = @domain',
  )
  const forgetDomain = db.prepare('DELETE FROM seen_domain WHERE day = ? AND domain = ?')
  const forgetSeen = db.prepare('DELETE FROM seen WHERE day = ? AND domain = ?')
  const keep = db.prepare(
    `INSERT INTO report (kind, domain, reporter, report_id, ends, received, body)
       VALUES (@kind, @domain, @reporter, @reportId, @ends, @received, @body) ON CONFLICT DO NOTHING`,
  )
  const trim = db.prepare(
    `DELETE FROM report WHERE id <= (SELECT id FROM report ORDER BY id DESC LIMIT 1 OFFSET ${mostReports})`,
  )
  // report_large
  const trimLarge = db.prepare(
    `DELETE FROM report WHERE length(body) > 16384 AND id <=
       (SELECT id FROM report WHERE length(body) > 16384 ORDER BY id DESC LIMIT 1 OFFSET ${mostLarge})`,
  )
  const oldDays = ['seen', 'seen_domain'].map((table) => db.prepare(`DELETE FROM ${table} WHERE day < ?`))
  const oldReports = ['dmarc', 'tls'].map((kind) => ({
    kind,
    remove: db.prepare('DELETE FROM report WHERE kind = ? AND ends < ?'),
  }))
  return {
    count: ({ seen }: { seen: readonly SeenCount[] }): void => {
      for (const one of seen) {
        begin.run(one)
        if (more.run(one).changes > 0) continue
        if (add.run(one).changes > 0) grow.run(one)
        else miss.run(one)
      }
    },
    forgetSeen: ({ day, domain }: { day: string; domain: string }): void => {
      forgetSeen.run(day, domain)
      forgetDomain.run(day, domain)
    },
    /** False where it is known. */
    keep: (report: KeptReport): boolean => {
      const isNew = keep.run(report).changes > 0
      if (isNew) {
        trim.run()
        trimLarge.run()
      }
      return isNew
    },
    sweep: ({ day, ends }: { day: string; ends: number }): void => {
      for (const statement of oldDays) statement.run(day)
      for (const { kind, remove } of oldReports) remove.run(kind, ends)
    },
  }
}

export const relaxed = ['count']
