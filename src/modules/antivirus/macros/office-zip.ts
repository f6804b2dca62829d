import { unzip, type ZipEntry, zipEntries } from '../../../lib/documents/zip.ts'
import { findingsIn } from './code-words.ts'
import { isCompoundFile } from './compound-file.ts'
import { inspectBinaryMacroSheet } from './excel4.ts'
import { type Findings, noMacros, together } from './findings.ts'

/** Of one file inside. */
const mostOctets = 16 * 1024 * 1024
const beginning = 8

export const isZip = (octets: Buffer): boolean => octets.toString('latin1', 0, 4) === 'PK\x03\x04'

/** How a document inside another is looked at, and how much may be unpacked for it all. */
export interface Inside {
  readonly budget: { left: number }
  inspect(octets: Buffer): Promise<Findings>
}

type Kind = 'document' | 'sheet' | 'workbook'

/** A document of Word, Excel or PowerPoint since 2007. */
export async function inspectOfficeZip(octets: Buffer, inside: Inside): Promise<Findings> {
  let found = noMacros
  const sheets: Buffer[] = []
  const workbooks: Buffer[] = []
  for (const entry of zipEntries(octets)) {
    const kind = await kindOf(octets, entry)
    if (kind === undefined || inside.budget.left <= 0) continue
    const content = await unzip(octets, entry, Math.min(mostOctets, inside.budget.left))
    if (!content) continue
    inside.budget.left -= content.length
    if (kind === 'document') found = together(found, await inside.inspect(content))
    else (kind === 'sheet' ? sheets : workbooks).push(content)
  }
  return together(found, inspectSheets(sheets, workbooks))
}

/** Programs go by relations: what is a document is one whatever its name. */
async function kindOf(octets: Buffer, entry: ZipEntry): Promise<Kind | undefined> {
  const start = await unzip(octets, entry, beginning)
  if (!start) return undefined
  if (isCompoundFile(start) || isZip(start)) return 'document'
  if (/macrosheet/i.test(entry.name)) return 'sheet'
  return /(?:^|\/)workbook\.(?:xml|bin)$/i.test(entry.name) ? 'workbook' : undefined
}

/** Macros of Excel 4 in a workbook of today: sheets of formulas, and names in the workbook that say where to begin. */
function inspectSheets(sheets: readonly Buffer[], workbooks: readonly Buffer[]): Findings {
  if (sheets.length === 0) return noMacros
  const { startsItself } = findingsIn(workbooks.map(namesIn).join('\n'))
  return { ...sheets.map(inspectSheet).reduce(together), startsItself }
}

const isXml = (octets: Buffer): boolean =>
  /^\s*(?:\xef\xbb\xbf)?<|^\xff\xfe</.test(octets.toString('latin1', 0, 200))

function inspectSheet(sheet: Buffer): Findings {
  if (!isXml(sheet)) return inspectBinaryMacroSheet(sheet)
  const formulas = [...sheet.toString('utf8').matchAll(/<(?:\w{1,9}:)?f\b[^<>]*>([^<]*)</g)]
  return findingsIn(formulas.map(([, formula]) => formula).join('\n'))
}

/** Names of the workbook; in an .xlsb they stand between octets that are no text. */
const namesIn = (workbook: Buffer): string =>
  isXml(workbook)
    ? [...workbook.toString('utf8').matchAll(/<(?:\w{1,9}:)?definedName\b([^<>]*)>/g)]
        .map(([, name]) => name)
        .join('\n')
    : workbook.toString('latin1').replaceAll('\0', '')
