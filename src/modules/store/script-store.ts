import type { Database } from '../../platform/sqlite/database.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { SieveLibraryScript } from '../../ports/sieve.ts'
import type { ScriptOwner, ScriptShelf, ScriptStore } from '../../ports/sieve-scripts.ts'
import { ownerNumber, serverScripts } from './script-owner.ts'
import type { Writing } from './writing.ts'

interface ScriptParts {
  readonly writing: Writing
  readonly db: Database
  readonly clock: Clock
}

/** Scripts as they lie in mail.db. */
export function createScriptStore({ writing, db, clock }: ScriptParts): ScriptStore {
  const sql = prepareScriptReadSql(db)
  const revisions = new Revisions(sql)
  // Between two statements the writer may commit; within a transaction one moment is seen.
  const shelf = db.transaction((owner: number) => readShelf(sql, owner))
  return {
    entries: async (owner) =>
      sql.entries.all(ownerNumber(owner)).map(({ name, size, active, changed_at }) => ({
        name,
        bytes: size,
        active: active === 1,
        changedAt: changed_at,
      })),
    text: async (owner, name) => sql.text.get(ownerNumber(owner), name),
    shelf: async (owner) => shelf(ownerNumber(owner)),
    revision: async (owner) => revisions.of(ownerNumber(owner)),
    put: (owner, { name, text }, limits) =>
      revisions.after(
        owner,
        writing.attempt('putScript', { owner: ownerNumber(owner), name, text, limits, now: clock.now() }),
      ),
    setActive: (owner, name) =>
      revisions.after(owner, writing.attempt('setActiveScript', { owner: ownerNumber(owner), name })),
    rename: (owner, from, to) =>
      revisions.after(owner, writing.attempt('renameScript', { owner: ownerNumber(owner), from, to })),
    remove: (owner, name) =>
      revisions.after(owner, writing.attempt('removeScript', { owner: ownerNumber(owner), name })),
  }
}

type Revision = Awaited<ReturnType<ScriptStore['revision']>>

const keptRevisions = 10_000

/** Asked for every message: kept until a script changes, which only happens here. */
class Revisions {
  readonly #sql: ScriptReadSql
  readonly #known = new Map<number, Revision>()

  constructor(sql: ScriptReadSql) {
    this.#sql = sql
  }

  of(owner: number): Revision {
    const known = this.#known.get(owner)
    if (known) return known
    const [revision = 0, hasActive = 0] = this.#sql.revision.get(owner, owner) ?? []
    const found = { revision, hasActive: hasActive === 1 }
    if (this.#known.size >= keptRevisions) this.#known.clear()
    this.#known.set(owner, found)
    return found
  }

  /** The server's scripts may be included by all. */
  async after<T>(owner: ScriptOwner, change: Promise<T>): Promise<T> {
    try {
      return await change
    } finally {
      if (owner === 'server') this.#known.clear()
      else this.#known.delete(owner)
    }
  }
}

function readShelf(sql: ScriptReadSql, owner: number): ScriptShelf {
  const [revision = 0] = sql.revision.get(owner, owner) ?? []
  const own = sql.texts.all(owner)
  const active = own.find((script) => script.active === 1)
  const personal = owner === serverScripts ? [] : own
  const global = owner === serverScripts ? own : sql.texts.all(serverScripts)
  return {
    revision,
    active: active && { name: active.name, text: active.text },
    library: [...personal.map(inLibrary('personal')), ...global.map(inLibrary('global'))],
  }
}

function inLibrary(location: SieveLibraryScript['location']) {
  return ({ name, text }: { readonly name: string; readonly text: string }) => ({ location, name, text })
}

type ScriptReadSql = ReturnType<typeof prepareScriptReadSql>

/** sieve_script's UNIQUE serves all of them. */
function prepareScriptReadSql(db: Database) {
  return {
    entries: db.prepare<[number], { name: string; size: number; active: number; changed_at: number }>(
      'SELECT name, size, active, changed_at FROM sieve_script WHERE account = ? ORDER BY name',
    ),
    text: db
      .prepare<[number, string], string>('SELECT text FROM sieve_script WHERE account = ? AND name = ?')
      .pluck(),
    texts: db.prepare<[number], { name: string; text: string; active: number }>(
      'SELECT name, text, active FROM sieve_script WHERE account = ? ORDER BY name',
    ),
    // The server's revision is in each: a sum of two that only rise rises with either. sieve_script_active
    revision: db
      .prepare<[number, number], [number, number]>(
        `SELECT (SELECT coalesce(sum(revision), 0) FROM sieve_revision WHERE account IN (0, ?)),
           EXISTS (SELECT 1 FROM sieve_script WHERE account = ? AND active = 1)`,
      )
      .raw(),
  }
}
