import { Worker } from 'node:worker_threads'
import type { Log } from '../../../ports/runtime.ts'
import type { FromIndexer, IndexerSettings, ToIndexer } from './protocol.ts'

/** The thread costs some 15 MiB: it ends when nothing was asked of it for so long. */
const idleMs = 5_000
const watchesPerMessage = 20
/** Longer over one message, and the thread is ended: the message is left to be read. */
const longestMs = 20_000
/** What a document unpacks is bounded, and so is what is gathered before it is written. */
const heapMiB = 192

interface IndexerParts {
  /** What it runs, and how long that may take over one message; a test has others. */
  readonly thread?: URL
  readonly longestMs?: number
  readonly settings: Omit<IndexerSettings, 'skip' | 'progress'>
  readonly log: Log
  readonly now: () => number
  readonly onWaiting: (messages: number) => void
  readonly onIndexed: (messages: number) => void
  /** All that waited is indexed. */
  readonly onDone: () => void
  /** The index is of another mail.db, or cannot be written. */
  readonly onUseless: (why: unknown) => void
}

interface Asked {
  resolve(texts: readonly string[]): void
  readonly account: number
  readonly email: number
}

/** The thread that indexes: made when it is needed, watched, and made anew without the message that ended it. */
export class Indexer {
  readonly #parts: IndexerParts
  readonly #skip = new Set<number>()
  readonly #asked = new Map<number, Asked>()
  #thread: { worker: Worker; progress: Float64Array } | undefined
  #watch: NodeJS.Timeout | undefined
  #idleSince: number | undefined
  #nextId = 1
  #runs = 0
  #done: (() => void)[] = []
  #failures = 0
  #stopped = false

  constructor(parts: IndexerParts) {
    this.#parts = parts
  }

  get isWorking(): boolean {
    return this.#runs > 0
  }

  /** Indexes what waits. Resolves when nothing does, or when it is given up. */
  async run(): Promise<void> {
    if (this.#stopped) return
    this.#runs++
    this.#send({ kind: 'run', now: this.#parts.now() })
    await new Promise<void>((resolve) => {
      this.#done.push(resolve)
    })
  }

  /** What is inside the documents of a message that is not indexed. */
  documents(account: number, email: number): Promise<readonly string[]> {
    if (this.#stopped || this.#skip.has(email)) return Promise.resolve([])
    return new Promise((resolve) => {
      const id = this.#nextId++
      this.#asked.set(id, { resolve, account, email })
      this.#send({ kind: 'documents', id, account, email })
    })
  }

  /** Ends the thread between two messages; what it had gathered is gathered again the next time. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.reset()
  }

  /** The same, but it may begin anew. */
  async reset(): Promise<void> {
    clearInterval(this.#watch)
    const thread = this.#thread
    this.#thread = undefined
    await thread?.worker.terminate()
    this.#letGo()
  }

  /** Nobody need wait any longer. */
  #letGo(): void {
    this.#finish()
    for (const asked of this.#asked.values()) asked.resolve([])
    this.#asked.clear()
  }

  #finish(): void {
    if (this.#asked.size === 0) this.#thread?.worker.unref()
    const done = this.#done
    this.#done = []
    this.#runs = 0
    for (const resolve of done) resolve()
  }

  #send(message: ToIndexer): void {
    this.#idleSince = undefined
    this.#thread ??= this.#start()
    // A process with nothing else to do may end, but not while somebody waits for this.
    this.#thread.worker.ref()
    this.#thread.worker.postMessage(message)
  }

  #start(): { worker: Worker; progress: Float64Array } {
    const progress = new SharedArrayBuffer(16)
    const workerData: IndexerSettings = { ...this.#parts.settings, skip: [...this.#skip], progress }
    const worker = new Worker(this.#parts.thread ?? new URL('./index.worker.ts', import.meta.url), {
      name: 'text-index',
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: heapMiB, maxYoungGenerationSizeMb: 16 },
    })
    const thread = { worker, progress: new Float64Array(progress) }
    worker.on('message', (message: FromIndexer) => this.#hear(message))
    worker.on('error', (cause) => this.#failed(thread, cause))
    worker.on('exit', () => this.#failed(thread, new Error('the thread ended')))
    this.#watchOver(thread)
    return thread
  }

  #hear(message: FromIndexer): void {
    switch (message.kind) {
      case 'waiting':
        this.#parts.onWaiting(message.messages)
        return
      case 'indexed':
        this.#failures = 0
        this.#parts.onIndexed(message.messages)
        return
      case 'done':
        if (--this.#runs > 0) return
        this.#finish()
        this.#parts.onDone()
        return
      case 'documents':
        this.#asked.get(message.id)?.resolve(message.texts)
        this.#asked.delete(message.id)
        if (this.#runs === 0 && this.#asked.size === 0) this.#thread?.worker.unref()
        return
      case 'other-mail':
        this.#parts.onUseless('it is of another mail.db')
        return
    }
  }

  #watchOver(thread: { worker: Worker; progress: Float64Array }): void {
    clearInterval(this.#watch)
    const { longestMs: longest = longestMs } = this.#parts
    let last = { beat: -1, since: performance.now() }
    this.#watch = setInterval(() => {
      const [email = 0, beat = 0] = thread.progress
      const now = performance.now()
      if (beat !== last.beat || email === 0) last = { beat, since: now }
      if (now - last.since > longest) this.#failed(thread, new Error('a message takes too long'))
      else this.#endIfIdle(thread, now)
    }, longest / watchesPerMessage).unref()
  }

  #endIfIdle(thread: { worker: Worker }, now: number): void {
    if (this.#runs > 0 || this.#asked.size > 0) return
    this.#idleSince ??= now
    if (now - this.#idleSince < idleMs) return
    clearInterval(this.#watch)
    this.#thread = undefined
    thread.worker.postMessage({ kind: 'end' } satisfies ToIndexer)
  }

  /** It died, or is made to: whatever it was reading then is not read by it again. */
  #failed(thread: { worker: Worker; progress: Float64Array }, cause: unknown): void {
    if (this.#thread !== thread) return
    this.#thread = undefined
    clearInterval(this.#watch)
    void thread.worker.terminate()
    const email = thread.progress[0] ?? 0
    this.#parts.log.warn('search.thread-failed', { email, cause: String(cause) })
    if (email > 0) this.#skip.add(email)
    this.#failures++
    // Not because of one message: then the file is at fault, or the disk.
    if (email === 0 && this.#failures > 1) this.#giveUp(cause)
    else this.#again()
  }

  #giveUp(cause: unknown): void {
    this.#letGo()
    this.#failures = 0
    this.#parts.onUseless(cause)
  }

  #again(): void {
    for (const [id, asked] of this.#asked) {
      const { account, email } = asked
      if (this.#skip.has(email)) {
        asked.resolve([])
        this.#asked.delete(id)
      } else this.#send({ kind: 'documents', id, account, email })
    }
    if (this.#runs === 0) return
    this.#runs = 1
    this.#send({ kind: 'run', now: this.#parts.now() })
  }
}
