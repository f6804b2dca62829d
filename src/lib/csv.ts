/** A line of a table as it stands in its file. */
export interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export type Csv =
  | { readonly kind: 'table'; readonly records: readonly CsvRecord[] }
  /** A quote that nothing closes. */
  | { readonly kind: 'open-quote'; readonly line: number }
  /** More cells than were to be read. */
  | { readonly kind: 'too-long' }

/**
 * RFC 4180 §2, as spreadsheets write it: with any line end, a byte order mark, and semicolons or tabs where the first line has them
 * and no comma. Empty lines are none.
 */
export function parseCsv(text: string, mostCells = Number.POSITIVE_INFINITY): Csv {
  const whole = text.replace(/^\uFEFF/, '')
  const between = separatorOf(whole)
  const cell = new RegExp(
    `(?:"((?:[^"]|"")*)"|([^"${between}\\r\\n][^${between}\\r\\n]*)?)(${between}|\\r\\n|\\n|\\r|$)`,
    'y',
  )
  const records: CsvRecord[] = []
  let cells: string[] = []
  let line = 1
  let begun = 1
  for (let read = 0; cell.lastIndex < whole.length; read++) {
    if (read >= mostCells) return { kind: 'too-long' }
    const match = cell.exec(whole)
    if (!match) return { kind: 'open-quote', line: begun }
    const [, quoted, plain = '', end = ''] = match
    cells.push(quoted?.replaceAll('""', '"') ?? plain)
    line += lineEndsIn(quoted ?? '')
    if (end === between) continue
    line += 1
    if (cells.some((each) => each !== '')) records.push({ line: begun, cells })
    cells = []
    begun = line
  }
  if (cells.some((each) => each !== '')) records.push({ line: begun, cells: [...cells, ''] })
  return { kind: 'table', records }
}

function separatorOf(text: string): string {
  const [first = ''] = text.split(/[\r\n]/, 1)
  return [',', ';', '\t'].find((each) => first.includes(each)) ?? ','
}

const lineEndsIn = (text: string) => text.match(/\r\n|\n|\r/g)?.length ?? 0

/** What a spreadsheet would take for a formula. */
const formula = /^[=+\-@\t\r]/

/** One line, with its end. What looks like a formula is written as text: `'=1+1`. */
export function csvLine(cells: readonly string[]): string {
  const written = cells.map((cell) => {
    const harmless = formula.test(cell) || /^'+[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
    return /[",;\t\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
  })
  return `${written.join(',')}\r\n`
}

/** A cell as `csvLine` had it, whoever wrote it. */
export const fromCell = (cell: string): string => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell)
