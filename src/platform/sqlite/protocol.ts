import type { Database } from './database.ts'
import type { FailureReport } from './failure.ts'
import type { Migrations } from './migrate.ts'

/** What the main thread and the writer thread say to each other. */
export interface OpenFile {
  /** For messages and metrics: `mail.db`. */
  readonly name: string
  readonly path: string
  /** `full`: every commit is fsynced before it is answered. `normal`: safe under kill -9, fsynced within a second. */
  readonly synchronous: 'full' | 'normal'
  /** Counts only for a file that is made now. */
  readonly pageSize?: number
  /** What its writer keeps of it in memory, 8 MiB unless said otherwise. */
  readonly cacheKiB?: number
  /** Caps the file; a test's full disk. */
  readonly maxPages?: number
  readonly migrations: Migrations
  /** Module with `createProgram`; runs in the writer thread. */
  readonly program: URL
  /** Plain data handed to `createProgram`. */
  readonly options?: unknown
}

export type Request =
  | {
      readonly kind: 'open'
      readonly id: number
      readonly file: Omit<OpenFile, 'program'> & { readonly program: string }
    }
  | {
      readonly kind: 'call'
      readonly id: number
      readonly file: string
      readonly operation: string
      readonly args: unknown
    }
  | { readonly kind: ControlKind; readonly id: number; readonly file: string }

/** A transaction that the main thread holds open, and the end of the file. */
export type ControlKind = 'begin' | 'commit' | 'rollback' | 'close'

export type Answer =
  | { readonly id: number; readonly kind: 'done'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'failed'; readonly failure: FailureReport }
  | { readonly id: number; readonly kind: 'unusable'; readonly message: string }
  /** Housekeeping failed; nobody waits for it. */
  | { readonly id: 0; readonly kind: 'trouble'; readonly file: string; readonly failure: FailureReport }

export interface ProgramModule {
  /** Operations by name. Each runs inside a transaction, all or nothing, and answers plain data. */
  createProgram(db: Database, options: unknown): Operations
  /**
   * Operations whose loss in a power cut is bearable for a second: a group of nothing else is not fsynced before its answer.
   */
  readonly relaxed?: readonly string[]
}

export type Operations = Readonly<Record<string, (args: never) => unknown>>
