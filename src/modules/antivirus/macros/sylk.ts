import { findingsIn } from './code-words.ts'
import { type Findings, noMacros } from './findings.ts'

/** A spreadsheet as text: it may hold macros of Excel 4, and opens without a question. */
export const isSylk = (octets: Buffer): boolean => octets.toString('latin1', 0, 4).startsWith('ID;')

/** More than a person writes. */
const mostOctets = 8 * 1024 * 1024

/** `O;E` makes the sheet one of macros, `NN;NAuto_open;ER1C1` names where they begin, `C;X1;Y1;EALERT("…")` is a formula. */
export function inspectSylk(octets: Buffer): Findings {
  const lines = octets.toString('latin1', 0, mostOctets).split(/\r\n|\r|\n/)
  const fields = lines.map((line) => line.replaceAll(';;', '\0').split(';'))
  const of = (type: string) => fields.filter(([first = '']) => first.toUpperCase() === type)
  const values = (rows: readonly string[][], key: string) =>
    rows.flatMap((row) => row.slice(1).filter((field) => field.startsWith(key)))
  const isMacro = values(of('O'), 'E').length > 0
  const { startsItself } = findingsIn(
    values(of('NN'), 'N')
      .map((name) => name.slice(1))
      .join('\n'),
  )
  if (!isMacro && startsItself === undefined) return noMacros
  const formulas = values(of('C'), 'E').map((formula) => formula.slice(1))
  return { ...findingsIn(formulas.join('\n')), startsItself }
}
