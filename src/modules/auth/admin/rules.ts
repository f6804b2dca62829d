import type { Change, Kind, Kinds, Refusal } from '../../../ports/directory-writer.ts'
import type { Repository } from '../directory/repository.ts'
import type { Secrets } from '../secrets.ts'
import type { PasswordHasher } from '../sign-in/hasher.ts'

/** How one kind of thing is found, checked and written; `apply.ts` does the rest. `Row` is how it is kept, secrets included. */
export interface Rules<K extends Kind, Row> {
  /** Undefined where the database will give it one. */
  keyOf(row: Kinds[K]['row']): Kinds[K]['key'] | undefined
  /** For people and the audit. */
  nameOf(row: Row): string
  /** Turns what somebody said into what is kept: passwords into hashes. Outside the transaction, because it takes its time. */
  prepare?(parts: Parts, asked: Asked): Promise<Prepared | Refusal>
  find(rows: Repository, key: Kinds[K]['key']): Promise<Row | undefined>
  /** Everything that nobody has to say. */
  standard(parts: Parts, rows: Repository, asked: Partial<Row>): Promise<Partial<Row>>
  /** What a `put` leaves as it was. */
  readonly kept: readonly (keyof Row & string)[]
  /** Columns that nobody may read, and as what a change of them is told. */
  readonly hidden: Readonly<Partial<Record<keyof Row & string, 'password' | 'nothing'>>>
  /** What is wrong with the values themselves; undefined where nothing is. */
  check(row: Row): Refusal | undefined
  /** Answers the row with the number it was given. */
  insert(tx: Tx, row: Row): Promise<Row | Refusal>
  update(tx: Tx, row: Row, old: Row, changed: Partial<Row>): Promise<Refusal | undefined>
  remove(tx: Tx, row: Row): Promise<void>
}

/** What the rules work with. */
export interface Parts {
  readonly hasher: PasswordHasher
  readonly secrets: Secrets
  /** Of a user who is there already. */
  readonly oldHash: (address: unknown) => string | undefined
  readonly standard: {
    readonly quotaBytes: number
    readonly spamThreshold: number
  }
  readonly dryRun: boolean
}

export interface Tx {
  readonly rows: Repository
  /** An import takes what stands above a domain's limits. */
  readonly overLimits: boolean
  /** Who is new gets a letter. */
  readonly welcomes: boolean
}

export interface Asked {
  readonly do: Change['do']
  readonly key: unknown
  readonly values: Readonly<Record<string, unknown>>
}

export interface Prepared {
  readonly values: Readonly<Record<string, unknown>>
  /** To be told once. */
  readonly secret?: string
}

export function isRefusal(outcome: unknown): outcome is Refusal {
  return typeof outcome === 'object' && outcome !== null && 'kind' in outcome && outcome.kind === 'refused'
}

export function stamps(rows: Repository, { createdAt }: { readonly createdAt?: number | undefined }) {
  const now = rows.now()
  return { createdAt: createdAt ?? now, updatedAt: now }
}
