import type { IndexMake } from './index-file.ts'

/** What the main thread and the thread that indexes say to each other. */
export interface IndexerSettings {
  readonly mailPath: string
  readonly blobsFolder: string
  readonly searchPath: string
  readonly make: IndexMake
  /** Messages that ended a thread before. */
  readonly skip: readonly number[]
  /** Two doubles: the message that is being read, and a number that rises with each. */
  readonly progress: SharedArrayBuffer
}

export type ToIndexer =
  /** Index all that waits. `now`: UTC milliseconds. */
  | { readonly kind: 'run'; readonly now: number }
  | { readonly kind: 'documents'; readonly id: number; readonly account: number; readonly email: number }
  | { readonly kind: 'end' }

export type FromIndexer =
  /** How many wait: said when a round begins. */
  | { readonly kind: 'waiting'; readonly messages: number }
  | { readonly kind: 'indexed'; readonly messages: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'documents'; readonly id: number; readonly texts: readonly string[] }
  | { readonly kind: 'other-mail' }
