import { inflateUpTo } from '../../../lib/documents/inflate.ts'
import { type CompoundStream, isCompoundFile, readCompoundFile } from './compound-file.ts'
import { inspectWorkbook, isWorkbook } from './excel4.ts'
import { type Findings, noMacros, together } from './findings.ts'
import { type Inside, inspectOfficeZip, isZip } from './office-zip.ts'
import { inspectSylk, isSylk } from './sylk.ts'
import { inspectVba } from './vba.ts'

/** Documents inside documents. */
const deepest = 4
/** Of a document that is packed inside another. */
const mostOctets = 16 * 1024 * 1024
const mostPacked = 50

const mostOctetsInAll = 64 * 1024 * 1024

/** What the macros of a document do, by what it is, whatever it is called. */
export async function inspectDocument(octets: Buffer): Promise<Findings> {
  return await inspectAt(octets, 0, { left: mostOctetsInAll })
}

async function inspectAt(octets: Buffer, depth: number, budget: Inside['budget']): Promise<Findings> {
  if (depth >= deepest) return noMacros
  const inside: Inside = { budget, inspect: (content) => inspectAt(content, depth + 1, budget) }
  if (isCompoundFile(octets)) return await inspectCompound(octets, inside)
  if (isZip(octets)) return await inspectOfficeZip(octets, inside)
  if (isSylk(octets)) return inspectSylk(octets)
  if (isWorkbook(octets)) return inspectWorkbook(octets)
  return await inspectText(octets, inside)
}

async function inspectCompound(octets: Buffer, inside: Inside): Promise<Findings> {
  const streams = readCompoundFile(octets)
  let found = inspectVba(streams)
  for (const stream of streams) {
    if (/^(?:workbook|book)$/i.test(stream.name)) found = together(found, inspectWorkbook(stream.read()))
    if (stream.name === 'PowerPoint Document') found = together(found, await inspectSlides(stream, inside))
    // An .xlsx or .docm inside a .doc.
    if (/^package$/i.test(stream.name)) found = together(found, await inside.inspect(stream.read()))
  }
  return found
}

/** [MS-PPT] 2.10.34 ExOleObjStg: a compound file inside, packed or not. */
const packedStorage = Buffer.from('10001110', 'hex')
const plainStorage = Buffer.from('00001110', 'hex')

async function inspectSlides(stream: CompoundStream, inside: Inside): Promise<Findings> {
  const octets = stream.read()
  let found = noMacros
  for (const [at, isPacked] of storagesIn(octets)) {
    const length = octets.readUInt32LE(at + 4)
    const content = octets.subarray(at + 8, at + 8 + length)
    const unpacked = isPacked ? await unpack(content.subarray(4), inside) : content
    if (isCompoundFile(unpacked)) found = together(found, await inside.inspect(unpacked))
  }
  return found
}

function* storagesIn(octets: Buffer): Generator<readonly [number, boolean]> {
  let count = 0
  for (const [mark, isPacked] of [
    [packedStorage, true],
    [plainStorage, false],
  ] as const) {
    for (let at = octets.indexOf(mark); at >= 0; at = octets.indexOf(mark, at + 1)) {
      if (at + 8 > octets.length || count++ >= mostPacked) break
      yield [at, isPacked]
    }
  }
}

async function unpack(octets: Buffer, inside: Inside): Promise<Buffer> {
  const unpacked = await inflateUpTo(octets, 'zlib', Math.min(mostOctets, inside.budget.left))
  inside.budget.left -= unpacked.length
  return unpacked
}

/** `ActiveMime` in base64: how Word and Excel write macros into a document of XML or MHTML. */
const activeMime = 'QWN0aXZlTWlt'
/** Where it may begin to be packed. */
const packedFrom = 12
const packedUntil = 1024

async function inspectText(octets: Buffer, inside: Inside): Promise<Findings> {
  const start = octets.indexOf(activeMime)
  if (start < 0) return noMacros
  const [text = ''] = /^[A-Za-z0-9+/\s]*/.exec(octets.toString('latin1', start)) ?? []
  const blob = Buffer.from(text, 'base64')
  for (let at = blob.indexOf(0x78, packedFrom); at > 0 && at < packedUntil; at = blob.indexOf(0x78, at + 1)) {
    const unpacked = await unpack(blob.subarray(at), inside)
    if (isCompoundFile(unpacked)) return await inside.inspect(unpacked)
  }
  return noMacros
}
