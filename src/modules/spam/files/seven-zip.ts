import type { Archive, ArchiveEntry } from './archive-entry.ts'

/** Its directory is mostly packed itself; then only that it is encrypted can be seen. */
export function sevenZip(head: Buffer, tail: Buffer, mostEntries: number): Archive {
  const size = head.length >= 28 ? Number(head.readBigUInt64LE(20)) : 0
  const directory = size > 0 && size < tail.length ? tail.subarray(tail.length - size) : tail
  const hidesNames = directory.includes(aes)
  const names = directory[0] === plainDirectory ? namesIn(directory) : []
  const entries = names.slice(0, mostEntries).map(asEntry)
  return { entries, hidesNames, isUnreadable: entries.length === 0 && !hidesNames }
}

/** Of the method AES-256 with SHA-256. */
const aes = Buffer.from([0x06, 0xf1, 0x07, 0x01])
const plainDirectory = 0x01
const ofNames = 0x11
/** Of the directory: what stands before the names is some octets for each file. */
const mostSearched = 32 * 1024

const asEntry = (name: string): ArchiveEntry => ({ name, isEncrypted: false, packed: 0, size: 0 })

/** The longest run that looks like names: what stands before it takes a whole reader of the format to skip. */
function namesIn(directory: Buffer): string[] {
  let longest: Buffer = Buffer.alloc(0)
  for (
    let at = directory.indexOf(ofNames);
    at >= 0 && at < mostSearched;
    at = directory.indexOf(ofNames, at + 1)
  ) {
    const found = namesAt(directory, at + 1)
    if (found && found.length > longest.length) longest = found
  }
  return longest
    .toString('utf16le')
    .split('\0')
    .filter((name) => name !== '')
}

/** A length, a 0 (they stand here), names in UTF-16 that each end in a 0. */
function namesAt(directory: Buffer, at: number): Buffer | undefined {
  const { value: size, next } = numberAt(directory, at)
  const names = directory.subarray(next + 1, next + size)
  const isWhole = next + size <= directory.length && directory[next] === 0 && names.length === size - 1
  const ends = names.length >= 4 && names.length % 2 === 0 && names.readUInt16LE(names.length - 2) === 0
  return isWhole && ends ? names : undefined
}

/** As many ones as the first octet begins with, so many octets follow. */
function numberAt(directory: Buffer, at: number): { readonly value: number; readonly next: number } {
  const first = directory[at] ?? 0
  const more = Math.min(Math.clz32(~(first << 24)), 4)
  if (at + 1 + more > directory.length) return { value: 0, next: at }
  const low = more === 0 ? 0 : directory.readUIntLE(at + 1, more)
  return { value: low + (first & (0x7f >> more)) * 2 ** (8 * more), next: at + 1 + more }
}
