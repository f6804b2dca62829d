import type { Database } from '../../../platform/sqlite/database.ts'

export type RuleSql = ReturnType<typeof prepareRuleSql>

/** The writer's statements for what rules remember and decide. The index that serves each is its table's key unless a comment says otherwise. */
export function prepareRuleSql(db: Database) {
  return {
    isRemembered: db
      .prepare<[number, string, number], number>(
        'SELECT EXISTS (SELECT 1 FROM remembered WHERE account = ? AND key = ? AND until > ?)',
      )
      .pluck(),
    remember: db.prepare<[number, string, number]>(
      'INSERT INTO remembered (account, key, until) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET until = excluded.until',
    ),
    // remembered_until
    forget: db.prepare<[number, number]>(
      'DELETE FROM remembered WHERE (account, key) IN (SELECT account, key FROM remembered WHERE until <= ? LIMIT ?)',
    ),
    forgetAccount: db.prepare<[number, number, number]>(
      'DELETE FROM remembered WHERE account = ? AND key IN (SELECT key FROM remembered WHERE account = ? LIMIT ?)',
    ),
    insertDecision: db.prepare<[number, number, string, string, string, string]>(
      'INSERT INTO decision (account, at, arrival, sender, recipient, steps) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    // decision_account
    trimDecisions: db.prepare<[number, number, number]>(
      `DELETE FROM decision WHERE account = ? AND id <=
         (SELECT id FROM decision WHERE account = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
    ),
    // decision_at
    oldDecisions: db.prepare<[number, number]>(
      'DELETE FROM decision WHERE id IN (SELECT id FROM decision WHERE at < ? LIMIT ?)',
    ),
    // decision_account
    accountDecisions: db.prepare<[number, number]>(
      'DELETE FROM decision WHERE id IN (SELECT id FROM decision WHERE account = ? LIMIT ?)',
    ),
    learn: db.prepare<[number, number, number, number]>(
      `INSERT INTO lesson (email, account, spam, at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET spam = excluded.spam, at = excluded.at WHERE spam <> excluded.spam`,
    ),
    taught: db.prepare<[number, number]>('UPDATE lesson SET taught = ? WHERE email = ?'),
    forgetLesson: db.prepare<[number]>('DELETE FROM lesson WHERE email = ?'),
  }
}
