import type { Archive, ArchiveEntry } from './archive-entry.ts'

/** Names by the headers that stand in front of each file. https://www.rarlab.com/technote.htm */
export function rarEntries(file: Buffer, most: number): Archive {
  return file[6] === 1 ? rar5(file, most) : rar4(file, most)
}

const signature5 = 8
const signature4 = 7

function rar5(file: Buffer, most: number): Archive {
  const entries: ArchiveEntry[] = []
  let at = signature5
  while (at + 7 < file.length && entries.length < most) {
    const numbers = new Numbers(file, at + 4)
    const headerEnd = numbers.next() + numbers.at
    const type = numbers.next()
    if (type === 4) return { entries, hidesNames: true }
    const flags = numbers.next()
    const extra = flags & 1 ? numbers.next() : 0
    const data = flags & 2 ? numbers.next() : 0
    if (type === 2) entries.push(rar5File(file, numbers, { headerEnd, extra, data }))
    if (type === 5 || headerEnd <= at) break
    at = headerEnd + data
  }
  return { entries, hidesNames: false }
}

interface Block {
  readonly headerEnd: number
  readonly extra: number
  readonly data: number
}

function rar5File(file: Buffer, numbers: Numbers, { headerEnd, extra, data }: Block): ArchiveEntry {
  const flags = numbers.next()
  const size = numbers.next()
  numbers.next()
  numbers.skip((flags & 2 ? 4 : 0) + (flags & 4 ? 4 : 0))
  numbers.next()
  numbers.next()
  const length = numbers.next()
  const name = file.toString('utf8', numbers.at, Math.min(numbers.at + length, headerEnd))
  return {
    name,
    size,
    packed: data,
    isEncrypted: extra > 0 && isEncrypted5(file, headerEnd - extra, headerEnd),
  }
}

/** Records of the extra area: that of type 1 says how the file is encrypted. */
function isEncrypted5(file: Buffer, from: number, to: number): boolean {
  for (let at = from; at >= 0 && at < to; ) {
    const numbers = new Numbers(file, at)
    const size = numbers.next()
    const start = numbers.at
    if (numbers.next() === 1) return true
    if (size <= 0) return false
    at = start + size
  }
  return false
}

/** Numbers of seven bits an octet, the lowest first. */
class Numbers {
  readonly #file: Buffer
  at: number

  constructor(file: Buffer, at: number) {
    this.#file = file
    this.at = at
  }

  next(): number {
    let value = 0
    for (let factor = 1; factor <= 2 ** 42; factor *= 128) {
      const octet = this.#file[this.at++] ?? 0
      value += (octet & 127) * factor
      if (octet < 128) break
    }
    return value
  }

  skip(octets: number): void {
    this.at += octets
  }
}

function rar4(file: Buffer, most: number): Archive {
  const entries: ArchiveEntry[] = []
  let at = signature4
  while (at + 11 <= file.length && entries.length < most) {
    const type = file[at + 2]
    const flags = file.readUInt16LE(at + 3)
    const size = file.readUInt16LE(at + 5)
    if (type === 0x73 && flags & 0x80) return { entries, hidesNames: true }
    if (type === 0x7b || size < 7) break
    const isFile = type === 0x74
    const data = flags & 0x8000 || isFile ? file.readUInt32LE(at + 7) : 0
    if (isFile && at + 32 <= file.length) entries.push(rar4File(file, at, flags))
    at += size + data
  }
  return { entries, hidesNames: false }
}

function rar4File(file: Buffer, at: number, flags: number): ArchiveEntry {
  const start = at + 32 + (flags & 0x100 ? 8 : 0)
  // A name in Unicode stands behind the plain one.
  const [name = ''] = file.toString('latin1', start, start + file.readUInt16LE(at + 26)).split('\0')
  return {
    name,
    packed: file.readUInt32LE(at + 7),
    size: file.readUInt32LE(at + 11),
    isEncrypted: (flags & 4) !== 0,
  }
}
