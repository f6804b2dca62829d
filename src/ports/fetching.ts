import type { Said } from '../lib/filled-text.ts'

/** Collects mail from mailboxes elsewhere. Fetchmail in Mailu. */
export interface Fetching {
  /** Looks into one of them now, whoever's turn it is. `busy`: somebody is at it already. */
  run(id: number): Promise<Collecting | { readonly kind: 'missing' } | { readonly kind: 'busy' }>
  /** Signs in and looks at the folders; takes nothing. */
  check(id: number): Promise<FetchCheck | { readonly kind: 'missing' }>
  /** By number; those that never brought anything are not there. */
  tallies(ids: readonly number[]): Promise<ReadonlyMap<number, FetchTally>>
}

/** How it went; texts are sentences for people, in English. By `said` pages have them in other languages, where they are ours. */
export type Collecting =
  | { readonly kind: 'collected'; readonly taken: number; readonly left: number }
  | {
      readonly kind: 'failed'
      readonly text: string
      readonly said?: Said
      readonly taken: number
      readonly left: number
    }

export type FetchCheck =
  /** `messages` in the folders that were named, or in all of a POP3 mailbox; `folders` are those that are there. */
  | { readonly kind: 'works'; readonly messages: number; readonly folders: readonly string[] }
  | { readonly kind: 'failed'; readonly text: string; readonly said?: Said }

export interface FetchTally {
  /** Messages that came from there, in all. */
  readonly taken: number
  /** Those that were not taken, and stay there. */
  readonly left: number
  /** Why the last of these was not. */
  readonly why: string
  /** The same by its key; undefined where an older version noted it. */
  readonly said?: Said
}
