import type { Cell, Column, Columns, ColumnsOf } from '../../directory/columns.ts'
import { type Answer, done } from '../answer.ts'
import { option, type Parameter } from '../verb.ts'

/** An option for each column. */
export function columnOptions(columns: Columns): Readonly<Record<string, Parameter<unknown>>> {
  return Object.fromEntries(
    Object.values(columns).map(({ option: name, kind, meaning }) => [name, option(kind, meaning)]),
  )
}

/** The columns that options of a call named. */
export function columnsSaid<S>(
  columns: ColumnsOf<S>,
  values: Readonly<Record<string, unknown>>,
): { [Name in keyof S]?: S[Name] } {
  const said = Object.entries<Column<unknown>>(columns).flatMap(([key, { option: name }]) =>
    values[name] === undefined ? [] : [[key, values[name]] as const],
  )
  return Object.fromEntries(said) as { [Name in keyof S]?: S[Name] }
}

/** A table of rows: what names them first, then the columns that have a heading. */
export function listed<Row extends object>(
  rows: readonly Row[],
  first: Readonly<Record<string, (row: Row) => Cell>>,
  columns: Columns,
): Answer {
  const shown = Object.entries(columns).filter(([, { heading }]) => heading !== undefined)
  return {
    kind: 'table',
    columns: [...Object.keys(first), ...shown.map(([, { heading = '' }]) => heading)],
    rows: rows.map((row) => {
      const values = { ...row } as Readonly<Record<string, unknown>>
      return [
        ...Object.values(first).map((cell) => cell(row)),
        ...shown.map(([key, column]) => cellOf(column, values[key])),
      ]
    }),
    json: rows,
  }
}

function cellOf(column: Column<unknown>, value: unknown): Cell {
  if (column.shown) return column.shown(value)
  if (typeof value === 'boolean' || typeof value === 'number') return value
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** `name: value` lines for people. */
export function shownRow(row: object): Answer {
  const lines = Object.entries(row).map(([key, value]) => `${key}: ${plain(key, value)}`)
  return done(lines.join('\n'), row)
}

function plain(key: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  if (typeof value === 'number' && /At$|^lastCheck$|^expires$/.test(key)) return new Date(value).toISOString()
  return JSON.stringify(value)
}
