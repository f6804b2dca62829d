import { isDeepStrictEqual } from 'node:util'
import { type Address, domainOf } from '../../../lib/address.ts'
import type { Columns } from '../columns.ts'
import { instant } from '../kinds.ts'
import { within } from './mistakes.ts'
import type { Planning } from './planning.ts'
import { merged, readScalar, type Said, standardOf } from './read-object.ts'

export type Row = Readonly<Record<string, unknown>>

interface Target {
  /** Every column that is known. */
  readonly row: Row
  /** False where it is so already. */
  readonly changed: boolean
}

/** What a row is to be. In an update the file is merged into what is there; in a replacement nothing old counts. */
export function targetOf(
  said: Said,
  existing: object | undefined,
  columns: Columns,
  planning: Planning,
): Target {
  const had = existing && pick({ ...existing }, columns)
  const base = planning.mode === 'update' && had ? had : standardOf(columns)
  const row = pick(merged(said, base, planning), columns)
  return { row, changed: !isDeepStrictEqual(row, had) }
}

/** What is in a domain that goes cannot stay. */
export function checkDomain(address: string, { place }: Said, { going, mode, mistakes }: Planning): void {
  const domain = domainOf(address as Address)
  if (!going.domains.has(domain)) return
  const why = mode === 'replace' ? 'which the file does not name' : 'which the file deletes'
  mistakes.add(place, `${address} is in the domain ${domain}, ${why}`)
}

/** Whether a row is there already, in every column that is said. */
export function sameRow(row: Row, existing: object, columns: Columns): boolean {
  const had: Row = pick({ ...existing }, columns)
  return Object.entries(row).every(([key, value]) => isDeepStrictEqual(value, had[key]))
}

function pick(row: Row, columns: Columns): Row {
  return Object.fromEntries(Object.entries(row).filter(([key]) => Object.hasOwn(columns, key)))
}

/** When it was made, where the file says so. */
export function createdAt(said: Said, planning: Planning): { readonly createdAt?: number } {
  const entry = said.others.get('created_at')
  if (!entry) return {}
  const read = readScalar(instant, entry.value, within(said.place, 'created_at', entry.line), planning)
  return read ? { createdAt: read.value } : {}
}
