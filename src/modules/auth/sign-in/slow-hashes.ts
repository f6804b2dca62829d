import { Worker } from 'node:worker_threads'
import type { SlowHash } from './schemes/slow-hash.ts'
import type { SlowCheck } from './schemes/slow-hash.worker.ts'

/** The thread starts in 50 ms and costs 10 MiB; it stays as long as more work may come. */
const idleMs = 10_000

interface Pending {
  resolve(right: boolean): void
  reject(cause: Error): void
}

/** Checks hashes of old schemes on a thread of their own, which is there only while it is needed. */
export class SlowHashes {
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #nextId = 1

  check(hash: SlowHash, passwords: readonly string[]): Promise<boolean> {
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    // A process with nothing else to do may end, but not before this.
    this.#worker.ref()
    const id = this.#nextId++
    const checked = new Promise<boolean>((resolve, reject) => this.#pending.set(id, { resolve, reject }))
    this.#worker.postMessage({ id, hash, passwords } satisfies SlowCheck)
    return checked
  }

  #start(): Worker {
    const worker = new Worker(new URL('./schemes/slow-hash.worker.ts', import.meta.url), {
      name: 'slow-hashes',
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    worker.on('message', ({ id, right }: { id: number; right: boolean }) => {
      this.#pending.get(id)?.resolve(right)
      this.#pending.delete(id)
      if (this.#pending.size > 0) return
      worker.unref()
      this.#idle = setTimeout(() => this.#end(worker), idleMs).unref()
    })
    worker.on('error', (cause) =>
      this.#failed(worker, cause instanceof Error ? cause : new Error(String(cause))),
    )
    worker.on('exit', () => this.#failed(worker, new Error('the thread for old hashes has ended')))
    return worker
  }

  #end(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined
    void worker.terminate()
  }

  #failed(worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const pending of this.#pending.values()) pending.reject(cause)
    this.#pending.clear()
  }
}
