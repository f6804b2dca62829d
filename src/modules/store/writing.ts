import { SqliteFailure } from '../../platform/sqlite/failure.ts'
import type { WriterFile } from '../../platform/sqlite/writer.ts'
import type { TryLater } from '../../ports/runtime.ts'
import type { Outcome, StoredChange, StoreOperations } from './operations.ts'
import { tryLater } from './try-later.ts'

type Name = keyof StoreOperations
type Args<N extends Name> = Parameters<StoreOperations[N]>[0]
type Answer<N extends Name> = ReturnType<StoreOperations[N]> extends Outcome<infer T> ? T : never

/** The way to the writer thread, with the names and types of its operations. */
export class Writing {
  readonly #file: WriterFile
  readonly #tell: (change: StoredChange) => void
  readonly #onDiskFull: () => void

  constructor(file: WriterFile, tell: (change: StoredChange) => void, onDiskFull: () => void) {
    this.#file = file
    this.#tell = tell
    this.#onDiskFull = onDiskFull
  }

  /** Everyone who watches has heard of the change before this resolves. Throws `SqliteFailure`. */
  async run<N extends Name>(operation: N, args: Args<N>): Promise<Answer<N>> {
    const { answer, changes } = await this.#send<Outcome<Answer<N>>>(operation, args)
    for (const change of changes) this.#tell(change)
    return answer
  }

  async #send<T>(operation: Name, args: unknown): Promise<T> {
    try {
      return await this.#file.call<T>(operation, args)
    } catch (error) {
      if (error instanceof SqliteFailure && error.reason === 'disk-full') this.#onDiskFull()
      throw error
    }
  }

  /** The same, with trouble of the disk as an answer. */
  async attempt<N extends Name>(operation: N, args: Args<N>): Promise<Answer<N> | TryLater> {
    try {
      return await this.run(operation, args)
    } catch (error) {
      return tryLater(error)
    }
  }

  /** For operations that change nothing anybody watches. */
  call<N extends 'sweep' | 'forgetBlobs'>(
    operation: N,
    args: Args<N>,
  ): Promise<ReturnType<StoreOperations[N]>> {
    return this.#file.call(operation, args)
  }
}
