import type { Kind } from './kinds.ts'

export interface Row<T> {
  readonly kind: Kind<T>
  /** As it would stand in the file. */
  readonly standard: string
  readonly meaning: string
}

export const row = <T>(kind: Kind<T>, standard: string, meaning: string): Row<T> => ({
  kind,
  standard,
  meaning,
})
