import { closeSync, fdatasyncSync, openSync } from 'node:fs'
import { type Database, openDatabase } from './database.ts'
import { type FailureReport, failureReport } from './failure.ts'
import { checkVersion, migrate } from './migrate.ts'
import type { Answer, OpenFile, Operations, ProgramModule, Request } from './protocol.ts'

type Call = Extract<Request, { kind: 'call' }>
type Operation = (args: unknown) => unknown

/** WAL pages after which SQLite checkpoints by itself under load; when idle we do it earlier. */
const checkpointPages = 1_000
/** Without a commit for so long, a file is at rest. */
const restMs = 150
const usualCacheKiB = 8 * 1024
const walLimitBytes = 64 * 1024 * 1024
/** Freed pages given back to the file system per idle step. */
const vacuumPages = 256

/** One SQLite file in the writer thread: everything that waits becomes one transaction; a call that fails undoes only itself. */
export class FileWriter {
  readonly #db: Database
  readonly name: string
  readonly #path: string
  readonly #operations: ReadonlyMap<string, Operation>
  readonly #relaxed: ReadonlySet<string>
  readonly #strict: boolean
  readonly #sql: TransactionSql
  #level: 'FULL' | 'NORMAL' = 'NORMAL'
  #damage: FailureReport | undefined
  #lastCommit = 0
  #unsynced = false
  #uncheckpointed = true

  constructor(file: Omit<OpenFile, 'program'>, program: ProgramModule) {
    this.name = file.name
    this.#path = file.path
    this.#strict = file.synchronous === 'full'
    this.#relaxed = new Set(program.relaxed ?? [])
    this.#db = openDatabase(file.path, 'write')
    try {
      this.#prepareFile(file)
      this.#sql = transactionSql(this.#db)
      this.#operations = operationsByName(program.createProgram(this.#db, file.options))
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  #prepareFile(file: Omit<OpenFile, 'program'>): void {
    const db = this.#db
    checkVersion(db, file.name, file.migrations)
    // Both take effect only while the file is empty.
    db.pragma(`page_size = ${file.pageSize ?? 4096}`)
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    migrate(db, file.migrations)
    db.pragma('foreign_keys = ON')
    db.pragma(`cache_size = -${file.cacheKiB ?? usualCacheKiB}`)
    db.pragma('temp_store = MEMORY')
    db.pragma(`wal_autocheckpoint = ${checkpointPages}`)
    db.pragma(`journal_size_limit = ${walLimitBytes}`)
    if (file.maxPages !== undefined) db.pragma(`max_page_count = ${file.maxPages}`)
    this.#level = 'FULL'
  }

  /** Runs the calls in their order and commits once. One that throws undoes itself, not the others. */
  group(calls: readonly Call[]): Answer[] {
    if (this.#damage) return allFailed(calls, this.#damage)
    try {
      this.#setLevel(this.#mustSync(calls) ? 'FULL' : 'NORMAL')
      this.#sql.begin.run()
      const answers = this.#allOf(calls) ?? this.#eachOf(calls)
      // A full disk ends the whole transaction under the other calls.
      if (!this.#db.inTransaction) return allFailed(calls, firstFailure(answers))
      this.#commit()
      return answers
    } catch (error) {
      return allFailed(calls, this.#fail(error))
    }
  }

  /** Undefined where one failed. Without savepoints: each would copy every page once more before it changes. */
  #allOf(calls: readonly Call[]): Answer[] | undefined {
    try {
      return calls.map((call) => ({ id: call.id, kind: 'done', value: this.#perform(call) }))
    } catch {
      return undefined
    }
  }

  /** From the start again, so that one that fails undoes only itself. */
  #eachOf(calls: readonly Call[]): Answer[] {
    this.rollback()
    this.#sql.begin.run()
    return calls.map((call) => this.step(call))
  }

  #perform({ operation, args }: Call): unknown {
    const perform = this.#operations.get(operation)
    if (!perform) throw new Error(`no operation ${operation}`)
    return perform(args)
  }

  #mustSync(calls: readonly Call[]): boolean {
    return this.#strict && calls.some(({ operation }) => !this.#relaxed.has(operation))
  }

  /** A transaction that the main thread holds open; `step` runs inside it until `commit` or `rollback`. */
  begin(): void {
    if (this.#damage) throw Object.assign(new Error(this.#damage.message), { code: this.#damage.code })
    this.#setLevel(this.#strict ? 'FULL' : 'NORMAL')
    this.#sql.begin.run()
  }

  step(call: Call): Answer {
    if (!this.#db.inTransaction) return failed(call.id, lostTransaction)
    this.#sql.savepoint.run()
    try {
      const value = this.#perform(call)
      this.#sql.release.run()
      return { id: call.id, kind: 'done', value }
    } catch (error) {
      const report = this.#note(error)
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK TO call; RELEASE call')
      return failed(call.id, report)
    }
  }

  commit(): void {
    try {
      this.#commit()
    } catch (error) {
      this.#fail(error)
      throw error
    }
  }

  rollback(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
  }

  /** Housekeeping between bursts: `more` while there is something left to do. */
  idle(now: number): 'done' | 'more' | FailureReport {
    if (this.#damage || this.#db.inTransaction) return 'done'
    try {
      if (this.#unsynced) this.#syncWal()
      if (!this.#uncheckpointed) return 'done'
      if (now - this.#lastCommit < restMs) return 'more'
      this.#db.pragma('wal_checkpoint(PASSIVE)')
      const free = Number(this.#db.pragma('freelist_count', { simple: true }))
      this.#uncheckpointed = free > vacuumPages
      if (this.#uncheckpointed) this.#db.pragma(`incremental_vacuum(${vacuumPages})`)
    } catch (error) {
      return this.#fail(error)
    }
    return this.#uncheckpointed ? 'more' : 'done'
  }

  close(): void {
    this.rollback()
    this.#db.close()
  }

  #commit(): void {
    this.#sql.commit.run()
    this.#lastCommit = performance.now()
    this.#uncheckpointed = true
    // An fsync of the WAL covers all earlier frames too.
    this.#unsynced = this.#level === 'NORMAL'
  }

  #syncWal(): void {
    const handle = openSync(`${this.#path}-wal`, 'r')
    try {
      fdatasyncSync(handle)
      this.#unsynced = false
    } finally {
      closeSync(handle)
    }
  }

  #setLevel(level: 'FULL' | 'NORMAL'): void {
    if (level === this.#level) return
    this.#db.pragma(`synchronous = ${level}`)
    this.#level = level
  }

  #fail(error: unknown): FailureReport {
    const report = this.#note(error)
    this.rollback()
    return report
  }

  #note(error: unknown): FailureReport {
    const report = failureReport(error)
    if (report.reason === 'damaged') this.#damage = report
    return report
  }
}

function allFailed(calls: readonly Call[], failure: FailureReport): Answer[] {
  return calls.map(({ id }) => failed(id, failure))
}

function operationsByName(operations: Operations): ReadonlyMap<string, Operation> {
  // The types of the arguments do not cross the thread; main and program agree on them by the module they share.
  return new Map(Object.entries(operations as unknown as Readonly<Record<string, Operation>>))
}

type TransactionSql = ReturnType<typeof transactionSql>

function transactionSql(db: Database) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    savepoint: db.prepare('SAVEPOINT call'),
    release: db.prepare('RELEASE call'),
  }
}

const lostTransaction: FailureReport = {
  reason: 'failed',
  code: '',
  message: 'the transaction has ended already',
  stack: undefined,
}

function firstFailure(answers: readonly Answer[]): FailureReport {
  const found = answers.find((answer) => answer.kind === 'failed')
  return found?.kind === 'failed' ? found.failure : lostTransaction
}

function failed(id: number, failure: FailureReport): Answer {
  return { id, kind: 'failed', failure }
}
