import { xmlText } from './xml-text.ts'
import { unzip, zipEntries } from './zip.ts'

/** Of one file, and of all together. */
const mostOctets = 16 * 1024 * 1024
const mostOctetsInAll = 48 * 1024 * 1024

/** Where the programs keep what people read: of Word, Excel and PowerPoint, and of OpenDocument. */
const texts =
  /^(?:word\/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)|xl\/(?:workbook|sharedStrings|comments\d*|worksheets\/[^/]+)|ppt\/(?:slides|notesSlides|comments)\/[^/]+|content|styles|meta|docProps\/core)\.xml$/

/** The texts of a document of an office program: a zip of XML files. */
export async function officeTexts(bytes: Uint8Array): Promise<string[]> {
  const found: string[] = []
  let left = mostOctetsInAll
  for (const entry of zipEntries(bytes).filter(({ name }) => texts.test(name))) {
    const octets = await unzip(bytes, entry, Math.min(mostOctets, left))
    if (!octets) continue
    left -= octets.length
    found.push(xmlText(decodeXml(octets)))
    if (left <= 0) break
  }
  return found
}

function decodeXml(octets: Buffer): string {
  if (octets[0] === 0xff && octets[1] === 0xfe) return octets.toString('utf16le')
  return octets[0] === 0xfe && octets[1] === 0xff
    ? new TextDecoder('utf-16be').decode(octets)
    : octets.toString('utf8')
}
