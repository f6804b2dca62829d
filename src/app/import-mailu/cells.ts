import { type Address, parseAddress } from '../../lib/address.ts'
import type { Cell } from '../../platform/sqlite/foreign.ts'
import type { Day } from '../../ports/directory-rows.ts'
import type { Finding, FindingKind } from './installation.ts'

const never = '0001-01-01'

/**
 * Reads the columns of one row, whatever version of Mailu wrote it: a column that is missing, or NULL, is `standard`. What cannot be
 * read is noted, and `standard` as well; then nothing will be imported.
 */
export class Cells {
  /** For people: `user ann@example.org`. */
  readonly name: string
  readonly #row: Readonly<Record<string, Cell>>
  readonly #findings: Finding[]

  constructor(name: string, row: Readonly<Record<string, Cell>>, findings: Finding[]) {
    this.name = name
    this.#row = row
    this.#findings = findings
  }

  note(what: FindingKind, text: string): void {
    this.#findings.push({ what, on: this.name, text })
  }

  text(column: string, standard = ''): string {
    const value = this.#row[column] ?? standard
    if (typeof value === 'number') return String(value)
    // U+FFFD is what is left of octets that are no UTF-8.
    if (typeof value === 'string' && !value.includes('\ufffd')) return value
    return this.#wrong(column, 'a text', standard)
  }

  /** Without what old versions wrote in front of it: the hash itself tells what it is. */
  hash(column: string): string {
    return this.text(column).replace(
      /^\{(?:PBKDF2|BLF-CRYPT|SHA512-CRYPT|SHA256-CRYPT|MD5-CRYPT|CRYPT)\}/,
      '',
    )
  }

  /** Without control characters, which some clients' forms let through. */
  line(column: string): string {
    return this.text(column)
      .replaceAll(/\p{Cc}+/gu, ' ')
      .trim()
  }

  wholeNumber(column: string, standard: number, least: number): number {
    const value = this.#row[column] ?? standard
    const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= least) return number
    return this.#wrong(column, `a whole number from ${least}`, standard)
  }

  /** With a fraction, as old thresholds have one. */
  number(column: string): number | undefined {
    const value = this.#row[column] ?? undefined
    if (value === undefined) return undefined
    const number = typeof value === 'string' && value !== '' ? Number(value) : value
    return typeof number === 'number' && Number.isFinite(number)
      ? number
      : this.#wrong(column, 'a number', undefined)
  }

  yesNo(column: string, standard: boolean): boolean {
    const value = this.#row[column] ?? standard
    if (typeof value === 'boolean') return value
    const word = String(value).toLowerCase()
    if (['1', 'true', 't'].includes(word)) return true
    if (['0', 'false', 'f'].includes(word)) return false
    return this.#wrong(column, 'true or false', standard)
  }

  /** Mailu's comma-separated lists, in any order. */
  list(column: string): string[] {
    const items = this.text(column)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
    return [...new Set(items)]
  }

  day(column: string, standard: Day): Day {
    const text = this.text(column, standard)
    const day = /^(\d{4}-\d\d-\d\d)(?:$|[ T])/.exec(text)?.[1]
    if (day !== undefined && isDay(day)) return day
    return this.#wrong(column, 'a day, such as 2024-12-31', standard)
  }

  /** Of a list those that are addresses; the others are told. */
  addresses(column: string): Address[] {
    const all = this.list(column).flatMap((item) => {
      const address = parseAddress(item)
      if (address === undefined) this.note('leads nowhere', `${JSON.stringify(item)} is no mail address`)
      return address ?? []
    })
    return [...new Set(all)].sort()
  }

  /** The day on which the row was made, if anybody wrote it down. */
  since(): { readonly createdAt?: number } {
    const day = this.day('created_at', never)
    return day === never ? {} : { createdAt: Date.parse(day) }
  }

  #wrong<T>(column: string, expected: string, standard: T): T {
    // Not even a damaged password is shown to anybody.
    const found = column === 'password' ? '' : `, found ${shown(this.#row[column])}`
    this.note('wrong value', `${column}: expected ${expected}${found}`)
    return standard
  }
}

const longestShown = 40

function shown(value: Cell | undefined): string {
  if (value instanceof Uint8Array) return `${value.length} octets that are no text`
  return JSON.stringify(String(value).slice(0, longestShown))
}

/** Of February 31 JavaScript makes a day in March. */
function isDay(text: string): boolean {
  const at = Date.parse(text)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}
