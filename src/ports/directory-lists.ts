import type { DomainName } from '../lib/address.ts'
import type { AliasRow, Departure, UserRow } from './directory-rows.ts'

/** A page at a time of what may be long. Rejects while the database cannot be reached. */
export interface DirectoryLists {
  findUsers(asked: Asked): Promise<Found<UserRow>>
  findAliases(asked: Asked): Promise<Found<AliasRow>>
  /** Who is deleted soon; in order of address. */
  departures(): Promise<readonly (Departure & Pick<UserRow, 'globalAdmin'>)[]>
  /** Of each domain that has any. */
  counts(): Promise<readonly DomainCounts[]>
}

interface Asked {
  /** Undefined: in all domains. */
  readonly domains: readonly DomainName[] | undefined
  /** Part of an address, a name or a comment, in any case; empty finds all. */
  readonly text: string
  /** Those behind this address, or the last ones before it; empty: from the beginning. */
  readonly from: { readonly after: string } | { readonly before: string }
  /** At most 1,000. */
  readonly most: number
}

/** In order of address. */
interface Found<Row> {
  readonly rows: readonly Row[]
  /** There are others in front of these, or behind. */
  readonly isFirst: boolean
  readonly isLast: boolean
}

interface DomainCounts {
  readonly domain: DomainName
  readonly users: number
  readonly aliases: number
}
