import type { CorpusMessage } from './corpus.ts'

/** A filter that is taught and asked. */
export interface Contestant {
  readonly name: string
  /** What its makers call spam: a score above. */
  readonly threshold: number
  /** Forgets all, and learns these in their order. */
  teach(messages: readonly CorpusMessage[]): Promise<void>
  /** Scores, in the order of the messages. */
  ask(messages: readonly CorpusMessage[]): Promise<readonly number[]>
  end(): Promise<void>
}
