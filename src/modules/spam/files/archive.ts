import { zipEntries } from '../../../lib/documents/zip.ts'
import { asBuffer } from '../../../lib/mime/octets.ts'
import type { Archive, ArchiveEntry } from './archive-entry.ts'
import type { FileKind } from './magic.ts'
import { rarEntries } from './rar.ts'
import { sevenZip } from './seven-zip.ts'

/** Its beginning and its end: the same octets where the file is small. */
export interface FileEnds {
  readonly head: Uint8Array
  readonly tail: Uint8Array
}

const mostEntries = 1000

/** What is inside, without unpacking anything; undefined where it is no archive. */
export function readArchive(kind: FileKind, name: string, { head, tail }: FileEnds): Archive | undefined {
  switch (kind) {
    case 'zip':
      return { entries: zipNames(tail), hidesNames: false }
    case 'rar':
      return rarEntries(asBuffer(head), mostEntries)
    case '7z':
      return sevenZip(asBuffer(head), asBuffer(tail), mostEntries)
    case 'gzip':
      return { entries: [entry(gzipName(asBuffer(head), name))], hidesNames: false }
    case 'tar':
      return { entries: tarNames(asBuffer(head)), hidesNames: false }
    case 'packed':
    case 'program':
    case 'pdf':
    case 'picture':
    case 'office':
    case 'other':
      return undefined
  }
}

const entry = (name: string): ArchiveEntry => ({ name, isEncrypted: false, packed: 0, size: 0 })

function zipNames(tail: Uint8Array): ArchiveEntry[] {
  const files = zipEntries(tail).filter(({ name }) => !name.endsWith('/'))
  return files.slice(0, mostEntries).map(({ name, isEncrypted, packedSize, size }) => ({
    name,
    isEncrypted,
    packed: packedSize,
    size,
  }))
}

/** The name may stand in the header; without it, it is that of the file without `.gz`. */
function gzipName(head: Buffer, name: string): string {
  const flags = head[3] ?? 0
  const hasExtra = (flags & 4) !== 0
  const start = hasExtra && head.length > 12 ? 12 + head.readUInt16LE(10) : 10
  const end = head.indexOf(0, start)
  if ((flags & 8) !== 0 && end > start && end - start < 256) return head.toString('latin1', start, end)
  return name.replace(/\.t?gz$/i, '')
}

const block = 512

function tarNames(head: Buffer): ArchiveEntry[] {
  const entries: ArchiveEntry[] = []
  let at = 0
  while (at + block <= head.length && entries.length < mostEntries && head[at] !== 0) {
    const end = head.indexOf(0, at)
    const size = Number.parseInt(head.toString('latin1', at + 124, at + 135), 8)
    if (!Number.isSafeInteger(size) || size < 0) break
    entries.push({ ...entry(head.toString('utf8', at, Math.min(end < 0 ? at + 100 : end, at + 100))), size })
    at += block + Math.ceil(size / block) * block
  }
  return entries
}
