import { findingsIn } from './code-words.ts'
import { type Findings, noMacros } from './findings.ts'

/** Records of a workbook. [MS-XLS] 2.3 */
const beginnings = new Set([0x0009, 0x0209, 0x0409, 0x0809])
const record = { end: 0x000a, formula: 0x0006, name: 0x0018, password: 0x002f }
const macroSheet = 0x0040
/** [MS-XLS] 2.5.114: names that a program gives a meaning. */
const builtInNames: Readonly<Record<number, string>> = {
  1: 'Auto_Open',
  2: 'Auto_Close',
  10: 'Auto_Activate',
}
/** [MS-XLS] 2.5.198.17: functions that reach out of the workbook. */
const functions: Readonly<Record<number, keyof typeof meanings>> = {
  110: 'EXEC',
  132: 'FOPEN',
  137: 'FWRITELN',
  138: 'FWRITE',
  149: 'REGISTER',
  150: 'CALL',
}
const meanings = {
  EXEC: 'runs',
  REGISTER: 'runs',
  CALL: 'runs',
  FOPEN: 'writes',
  FWRITE: 'writes',
  FWRITELN: 'writes',
} as const

/** A workbook of Excel before 2007, of any age. */
export const isWorkbook = (octets: Buffer): boolean =>
  octets.length > 8 && beginnings.has(octets.readUInt16LE(0)) && octets.readUInt16LE(2) <= 16

/** Macros of Excel 4, which are formulas in a sheet of their own. */
export function inspectWorkbook(octets: Buffer): Findings {
  let found = noMacros
  let startsItself: string | undefined
  let isEncrypted = false
  let isMacro = false
  for (const { id, content } of recordsOf(octets)) {
    if (beginnings.has(id) && content.length >= 4) {
      isMacro = content.readUInt16LE(2) === macroSheet
      if (isMacro) found = { ...found, hasMacros: true }
    } else if (id === record.password) isEncrypted = true
    else if (id === record.name) startsItself ??= startingName(content)
    else if (id === record.formula && isMacro) found = { ...found, ...functionIn(content) }
  }
  if (!found.hasMacros) return noMacros
  return { ...found, startsItself, isHidden: isEncrypted }
}

function* recordsOf(octets: Buffer): Generator<{ id: number; content: Buffer }> {
  for (let at = 0; at + 4 <= octets.length; ) {
    const length = octets.readUInt16LE(at + 2)
    yield { id: octets.readUInt16LE(at), content: octets.subarray(at + 4, at + 4 + length) }
    at += 4 + length
  }
}

const isBuiltIn = 0x20
/** Where a name stands behind its record's fixed fields. [MS-XLS] 2.4.150 */
const nameAt = 14

function startingName(content: Buffer): string | undefined {
  if (content.length <= nameAt) return undefined
  const letters = content.subarray(nameAt)
  // Since Excel 97 there is an octet of flags in front.
  if ((content.readUInt16LE(0) & isBuiltIn) !== 0)
    return builtInNames[letters[0] ?? 0] ?? (letters[0] === 0 ? builtInNames[letters[1] ?? 0] : undefined)
  return findingsIn(letters.toString('latin1').replace(/[\0-\x1f]/g, '')).startsItself
}

/** Calls of functions by number, wherever they stand in a formula. [MS-XLS] 2.5.198.62, 2.5.198.63 */
function functionIn(content: Buffer): Partial<Findings> {
  for (let at = 0; at + 3 <= content.length; at++) {
    const token = content[at] ?? 0
    const kind = token & 0x1f
    if (token < 0x20 || token > 0x7f || (kind !== 1 && kind !== 2)) continue
    const place = at + (kind === 1 ? 1 : 2)
    const name = place + 2 <= content.length ? functions[content.readUInt16LE(place) & 0x7fff] : undefined
    if (name) return { [meanings[name]]: name }
  }
  return {}
}

/** The same in the sheets of an .xlsb. */
export const inspectBinaryMacroSheet = (octets: Buffer): Findings => ({
  ...noMacros,
  hasMacros: true,
  ...functionIn(octets),
})
