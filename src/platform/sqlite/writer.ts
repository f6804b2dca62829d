import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Log } from '../../ports/runtime.ts'
import { type FailureReport, SqliteFailure, UnusableFile } from './failure.ts'
import { FailureReports } from './failure-reports.ts'
import { Mutex } from './mutex.ts'
import type { Answer, ControlKind, OpenFile, Request } from './protocol.ts'

/** The one thread that writes: all SQLite files of the process, a queue per file. */
export interface SqliteWriter {
  /** Makes or migrates the file. Throws `UnusableFile` where it is newer than this program, `SqliteFailure` where it is broken. */
  open(file: OpenFile): Promise<WriterFile>
  /** Finishes what waits, checkpoints and closes all files. */
  stop(): Promise<void>
}

export interface WriterFile {
  readonly path: string
  /**
   * Runs an operation of the file's program in the next transaction, together with all that waits; resolves after the
   * commit. Rejects with `SqliteFailure`. `args` and the result are plain data, copied.
   */
  call<T>(operation: string, args: unknown): Promise<T>
  /** Holds one transaction open while `run` makes its calls; other callers of the file wait. */
  transaction<T>(run: (call: WriterFile['call']) => Promise<T>): Promise<T>
  /** Size of the write-ahead log on disk. */
  walBytes(): number
  close(): Promise<void>
}

interface Pending {
  readonly file: string
  resolve(value: unknown): void
  reject(cause: Error): void
}

export function createSqliteWriter({ log }: { log: Log }): SqliteWriter {
  const link = new WorkerLink(log)
  const open: WriterFile[] = []
  return {
    async open(file) {
      await link.ask(file.name, (id) => ({ kind: 'open', id, file: { ...file, program: file.program.href } }))
      const opened = openedFile(link, file)
      open.push(opened)
      return opened
    },
    async stop() {
      await Promise.all(open.map((file) => file.close()))
      await link.stop()
    },
  }
}

function openedFile(link: WorkerLink, { name, path }: OpenFile): WriterFile {
  const mutex = new Mutex()
  const send = (operation: string, args: unknown) =>
    link.ask(name, (id) => ({ kind: 'call', id, file: path, operation, args }))
  const control = (kind: ControlKind) => link.ask(name, (id) => ({ kind, id, file: path }))
  let closing: Promise<unknown> | undefined
  return {
    path,
    async call<T>(operation: string, args: unknown): Promise<T> {
      if (mutex.locked) await mutex.unlocked()
      if (closing !== undefined) throw new SqliteFailure(name, closedFile)
      return (await send(operation, args)) as T
    },
    transaction: (run) =>
      mutex.run(async () => {
        await control('begin')
        try {
          const result = await run(send as WriterFile['call'])
          await control('commit')
          return result
        } catch (error) {
          await control('rollback')
          throw error
        }
      }),
    walBytes: () => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    async close() {
      closing ??= control('close')
      await closing
    },
  }
}

const closedFile: FailureReport = { reason: 'stopped', code: '', message: 'is closed', stack: undefined }

/** Requests out, answers back, by number. When the thread dies, everything open is refused. */
class WorkerLink {
  readonly #worker: Worker
  /** Asked for in this turn of the event loop. */
  #outgoing: Request[] = []
  readonly #pending = new Map<number, Pending>()
  readonly #reports: FailureReports
  #nextId = 1
  #ended: FailureReport | undefined

  constructor(log: Log) {
    this.#reports = new FailureReports(log)
    this.#worker = new Worker(new URL('./writer.worker.ts', import.meta.url), {
      name: 'sqlite-writer',
      // What passes through is short-lived: the default nursery only grows the process, by 24 MiB under load.
      resourceLimits: { maxYoungGenerationSizeMb: 12 },
    })
    this.#worker.on('message', (answers: readonly Answer[]) => {
      for (const answer of answers) this.#settle(answer)
    })
    this.#worker.on('error', (cause) => {
      log.error('sqlite.writer-died', cause)
      this.#end(`the writer thread died: ${cause instanceof Error ? cause.message : String(cause)}`)
    })
    this.#worker.on('exit', () => this.#end('the writer thread has stopped'))
    // A process with nothing else to do may end; open requests keep it alive.
    this.#worker.unref()
  }

  ask(file: string, request: (id: number) => Request): Promise<unknown> {
    const ended = this.#ended
    if (ended) return Promise.reject(new SqliteFailure(file, ended))
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      if (this.#pending.size === 0) this.#worker.ref()
      this.#pending.set(id, { file, resolve, reject })
      // What one turn asks for crosses together: one wake-up of the thread, and one group for its commit.
      if (this.#outgoing.length === 0) setImmediate(() => this.#send())
      this.#outgoing.push(request(id))
    })
  }

  #send(): void {
    const requests = this.#outgoing
    this.#outgoing = []
    try {
      this.#worker.postMessage(requests)
    } catch {
      // One of them cannot be copied; the others must not suffer for it.
      for (const request of requests) this.#sendAlone(request)
    }
  }

  #sendAlone(request: Request): void {
    try {
      this.#worker.postMessage([request])
    } catch (cause) {
      this.#pending.get(request.id)?.reject(new TypeError('arguments are not plain data', { cause }))
      this.#pending.delete(request.id)
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #settle(answer: Answer): void {
    if (answer.kind === 'trouble') {
      this.#reports.note(answer.file, answer.failure)
      return
    }
    const pending = this.#pending.get(answer.id)
    if (!pending) return
    this.#pending.delete(answer.id)
    if (this.#pending.size === 0) this.#worker.unref()
    if (answer.kind === 'done') pending.resolve(answer.value)
    else if (answer.kind === 'unusable') pending.reject(new UnusableFile(answer.message))
    else {
      this.#reports.note(pending.file, answer.failure)
      pending.reject(new SqliteFailure(pending.file, answer.failure))
    }
  }

  #end(message: string): void {
    this.#ended ??= { reason: 'stopped', code: '', message, stack: undefined }
    for (const pending of this.#pending.values()) pending.reject(new SqliteFailure(pending.file, this.#ended))
    this.#pending.clear()
  }
}
