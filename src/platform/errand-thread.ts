import { parentPort, Worker } from 'node:worker_threads'

/** The thread starts in 50 ms and costs 10 MiB or more; it stays as long as more work may come. */
const idleMs = 10_000

interface Sent<Errand> {
  readonly id: number
  readonly errand: Errand
}

interface Brought<Answer> {
  readonly id: number
  readonly answer: Answer
}

interface Pending<Answer> {
  resolve(answer: Answer): void
  reject(cause: Error): void
}

/** Work that would keep everybody else waiting, on a thread of its own, one errand after the other; there only while it is needed. */
export class ErrandThread<Errand, Answer> {
  readonly #file: URL
  readonly #name: string
  readonly #pending = new Map<number, Pending<Answer>>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #nextId = 1

  /** `file` calls `runErrands`. */
  constructor(file: URL, name: string) {
    this.#file = file
    this.#name = name
  }

  /** Rejects where the thread has failed. */
  run(errand: Errand): Promise<Answer> {
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    // A process with nothing else to do may end, but not before this.
    this.#worker.ref()
    const id = this.#nextId++
    const answered = new Promise<Answer>((resolve, reject) => this.#pending.set(id, { resolve, reject }))
    this.#worker.postMessage({ id, errand } satisfies Sent<Errand>)
    return answered
  }

  /** Whoever waits for an answer hears that there is none. */
  async end(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(this.#file, {
      name: this.#name,
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 256 },
    })
    worker.on('message', ({ id, answer }: Brought<Answer>) => {
      this.#pending.get(id)?.resolve(answer)
      this.#pending.delete(id)
      if (this.#pending.size > 0) return
      worker.unref()
      this.#idle = setTimeout(() => this.#end(worker), idleMs).unref()
    })
    worker.on('error', (cause) =>
      this.#failed(worker, cause instanceof Error ? cause : new Error(String(cause))),
    )
    worker.on('exit', () => this.#failed(worker, new Error(`the thread ${this.#name} has ended`)))
    return worker
  }

  #end(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined
    void worker.terminate()
  }

  /** The next errand starts another. */
  #failed(worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const pending of this.#pending.values()) pending.reject(cause)
    this.#pending.clear()
  }
}

/** The other side. What `run` throws ends the thread, and fails whoever waits. */
export function runErrands<Errand, Answer>(run: (errand: Errand) => Answer | Promise<Answer>): void {
  let last: Promise<void> = Promise.resolve()
  const answer = async ({ id, errand }: Sent<Errand>) => {
    parentPort?.postMessage({ id, answer: await run(errand) } satisfies Brought<Answer>)
  }
  parentPort?.on('message', (sent: Sent<Errand>) => {
    last = last.then(() => answer(sent))
  })
}
