import { isDeepStrictEqual } from 'node:util'
import type { Columns } from '../columns.ts'
import type { Wanted } from './filter.ts'
import { hidden } from './hidden.ts'

export interface Attribute {
  readonly name: string
  readonly value: unknown
  /** Left out where the value is this one. */
  readonly standard?: unknown
  /** Shown as hidden unless secrets are asked for. */
  readonly secret?: true
  /** Only with `--full` or `--dns`, or where it is named. */
  readonly only?: 'full' | 'dns' | 'named'
  /** For attributes that are objects themselves. */
  readonly below?: (wanted: Wanted) => unknown
}

export interface Asked {
  readonly full: boolean
  readonly secrets: boolean
  readonly dns: boolean
}

/** The first is the key and stands first, the others in the order of the alphabet. */
export function writeObject(
  [key, ...others]: readonly Attribute[],
  wanted: Wanted,
  asked: Asked,
): Record<string, unknown> {
  const sorted = others.sort((a, b) => (a.name < b.name ? -1 : 1))
  const written = [...(key ? [key] : []), ...sorted].flatMap((attribute) => {
    const value = written1(attribute, wanted, asked)
    return value === undefined ? [] : [[attribute.name, value] as const]
  })
  return Object.fromEntries(written)
}

function written1(attribute: Attribute, wanted: Wanted, asked: Asked): unknown {
  const { name, value, standard, secret, only, below } = attribute
  const named = wanted.named.get(name)
  if (named) return below ? below(named) : value
  if (!wanted.all || only === 'named' || (only !== undefined && !asked[only])) return undefined
  if (!asked.full && standard !== undefined && isDeepStrictEqual(value, standard)) return undefined
  if (below) return below({ all: true, named: new Map() })
  return secret && !asked.secrets && value !== '' ? hidden : value
}

/** The columns of a row, as a file has them. */
export function columnAttributes(columns: Columns, row: object): Attribute[] {
  const values: Readonly<Record<string, unknown>> = { ...row }
  return Object.entries(columns).map(([key, column]) => {
    const write = (value: unknown) => (column.written ? column.written(value) : value)
    const { standard } = column
    return {
      name: column.mailu,
      value: write(values[key]),
      ...(standard !== undefined && { standard: write(standard) }),
    }
  })
}
