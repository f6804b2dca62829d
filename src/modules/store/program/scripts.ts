import type { Database } from '../../../platform/sqlite/database.ts'
import type { NoRoom } from '../../../ports/sieve-scripts.ts'
import type { PutScriptArgs, StoreOperations } from '../operations.ts'
import { serverScripts } from '../script-owner.ts'
import { activeAccount } from './owners.ts'
import type { Sql } from './sql.ts'

type Operation = 'putScript' | 'setActiveScript' | 'renameScript' | 'removeScript'

/** Nobody watches scripts: who keeps what was made of them looks at the revision. */
export function scriptOperations(sql: Sql, scripts: ScriptSql): Pick<StoreOperations, Operation> {
  return {
    putScript: (args) => ({ answer: put(sql, scripts, args), changes: [] }),
    setActiveScript({ owner, name }) {
      if (name !== undefined && scripts.script.get(owner, name) === undefined)
        return { answer: { kind: 'missing' }, changes: [] }
      scripts.deactivate.run(owner)
      if (name !== undefined) scripts.activate.run(owner, name)
      scripts.touch.run(owner)
      return { answer: { kind: 'done' }, changes: [] }
    },
    renameScript({ owner, from, to }) {
      const known = scripts.script.get(owner, from)
      if (!known) return { answer: { kind: 'missing' }, changes: [] }
      // RFC 5804 §2.11.1: its own name is taken, too
      if (scripts.script.get(owner, to)) return { answer: { kind: 'exists' }, changes: [] }
      scripts.rename.run(to, known.id)
      scripts.touch.run(owner)
      return { answer: { kind: 'renamed' }, changes: [] }
    },
    removeScript({ owner, name }) {
      const known = scripts.script.get(owner, name)
      if (!known) return { answer: { kind: 'missing' }, changes: [] }
      if (known.active === 1) return { answer: { kind: 'active' }, changes: [] }
      scripts.remove.run(known.id)
      scripts.touch.run(owner)
      return { answer: { kind: 'removed' }, changes: [] }
    },
  }
}

function put(
  sql: Sql,
  scripts: ScriptSql,
  { owner, name, text, limits, now }: PutScriptArgs,
): ReturnType<StoreOperations['putScript']>['answer'] {
  if (owner !== serverScripts && !activeAccount(sql, owner)) return { kind: 'no-account' }
  const size = Buffer.byteLength(text)
  const full = noRoom(scripts, { owner, name, size, limits })
  if (full) return full
  scripts.put.run(owner, name, text, size, now)
  scripts.touch.run(owner)
  return { kind: 'stored' }
}

function noRoom(
  scripts: ScriptSql,
  { owner, name, size, limits }: Pick<PutScriptArgs, 'owner' | 'name' | 'limits'> & { readonly size: number },
): NoRoom | undefined {
  if (size > limits.scriptBytes) return { kind: 'too-large', mostBytes: limits.scriptBytes }
  const others = scripts.others.get(owner, name)
  if (!others) return undefined
  if (others.scripts >= limits.scripts) return { kind: 'too-many', most: limits.scripts }
  if (others.bytes + size > limits.bytes) return { kind: 'too-much', mostBytes: limits.bytes }
  return undefined
}

export type ScriptSql = ReturnType<typeof prepareScriptSql>

/** The writer's statements. sieve_script's UNIQUE serves all that name an account. */
export function prepareScriptSql(db: Database) {
  return {
    script: db.prepare<[number, string], { id: number; active: number }>(
      'SELECT id, active FROM sieve_script WHERE account = ? AND name = ?',
    ),
    others: db.prepare<[number, string], { scripts: number; bytes: number }>(
      `SELECT count(*) AS scripts, coalesce(sum(size), 0) AS bytes FROM sieve_script
         WHERE account = ? AND name <> ?`,
    ),
    put: db.prepare<[number, string, string, number, number]>(
      `INSERT INTO sieve_script (account, name, text, size, changed_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (account, name) DO UPDATE
         SET text = excluded.text, size = excluded.size, changed_at = excluded.changed_at`,
    ),
    activate: db.prepare<[number, string]>(
      'UPDATE sieve_script SET active = 1 WHERE account = ? AND name = ?',
    ),
    // sieve_script_active
    deactivate: db.prepare<[number]>('UPDATE sieve_script SET active = 0 WHERE account = ? AND active = 1'),
    rename: db.prepare<[string, number]>('UPDATE sieve_script SET name = ? WHERE id = ?'),
    remove: db.prepare<[number]>('DELETE FROM sieve_script WHERE id = ?'),
    touch: db.prepare<[number]>(
      `INSERT INTO sieve_revision (account, revision) VALUES (?, 1)
         ON CONFLICT DO UPDATE SET revision = revision + 1`,
    ),
  }
}
