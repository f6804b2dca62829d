import { asBuffer } from '../mime/octets.ts'
import { inflateUpTo } from './inflate.ts'

export interface ZipEntry {
  readonly name: string
  readonly method: number
  readonly from: number
  readonly packedSize: number
  /** Unpacked, as the archive says. */
  readonly size: number
  readonly isEncrypted: boolean
}

const endMark = 0x06054b50
const entryMark = 0x02014b50
const localMark = 0x04034b50
/** A comment of at most 65,535 octets may follow. */
const longestEnd = 65_557
const mostEntries = 5000

/** The files of a zip by its directory at the end; none where it has none. The end alone, with the directory, is enough. */
export function zipEntries(bytes: Uint8Array): ZipEntry[] {
  const zip = asBuffer(bytes)
  const end = endOfDirectory(zip)
  if (end === undefined) return []
  const entries: ZipEntry[] = []
  let at = directoryStart(zip, end)
  while (entries.length < mostEntries && at + 46 <= zip.length && zip.readUInt32LE(at) === entryMark) {
    const nameLength = zip.readUInt16LE(at + 28)
    entries.push({
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      method: zip.readUInt16LE(at + 10),
      from: zip.readUInt32LE(at + 42),
      packedSize: zip.readUInt32LE(at + 20),
      size: zip.readUInt32LE(at + 24),
      isEncrypted: (zip.readUInt16LE(at + 8) & 1) !== 0,
    })
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  return entries
}

/** Where it says, or, where something stands in front of the archive or its beginning is missing, right before its end. */
function directoryStart(zip: Buffer, end: number): number {
  const said = zip.readUInt32LE(end + 16)
  if (said + 4 <= zip.length && zip.readUInt32LE(said) === entryMark) return said
  return Math.max(0, end - zip.readUInt32LE(end + 12))
}

function endOfDirectory(zip: Buffer): number | undefined {
  const first = Math.max(0, zip.length - longestEnd)
  for (let at = zip.length - 22; at >= first; at--) if (zip.readUInt32LE(at) === endMark) return at
  return undefined
}

/** At most `most` octets of a file; undefined where it is encrypted, or packed in another way than office programs do. */
export async function unzip(
  bytes: Uint8Array,
  { method, from, packedSize }: ZipEntry,
  most: number,
): Promise<Buffer | undefined> {
  const zip = asBuffer(bytes)
  if (from + 30 > zip.length || zip.readUInt32LE(from) !== localMark) return undefined
  const isEncrypted = (zip.readUInt16LE(from + 6) & 1) !== 0
  const start = from + 30 + zip.readUInt16LE(from + 26) + zip.readUInt16LE(from + 28)
  const packed = zip.subarray(start, start + packedSize)
  if (isEncrypted) return undefined
  if (method === 0) return packed.subarray(0, most)
  return method === 8 ? await inflateUpTo(packed, 'raw', most) : undefined
}
