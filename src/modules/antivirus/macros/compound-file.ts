import { asBuffer } from '../../../lib/mime/octets.ts'

/** A stream of a compound file. */
export interface CompoundStream {
  readonly name: string
  /** Which storage it stands in: streams of the same storage have the same number. */
  readonly storage: number
  readonly size: number
  /** What can be read of it. */
  read(): Buffer
}

const magic = Buffer.from('d0cf11e0a1b11ae1', 'hex')
const headerOctets = 512
const entryOctets = 128
/** Larger ones are no sector numbers but marks: free, end of chain, and so on. [MS-CFB] 2.1 */
const lastSector = 0xfffffffa
const streamType = 2
const none = 0xffffffff
/** More streams than any document has. */
const mostEntries = 20_000

export const isCompoundFile = (octets: Uint8Array): boolean => asBuffer(octets.subarray(0, 8)).equals(magic)

/**
 * The streams of a compound file ([MS-CFB]), whatever state it is in: chains that run in circles or leave the file end there, and
 * streams that no storage names are still given.
 */
export function readCompoundFile(octets: Uint8Array): CompoundStream[] {
  const file = asBuffer(octets)
  if (file.length < headerOctets || !isCompoundFile(file)) return []
  return new CompoundFile(file).streams()
}

class CompoundFile {
  readonly #file: Buffer
  readonly #sectorOctets: number
  readonly #miniOctets = 64
  readonly #miniCutoff: number
  readonly #fat: Uint32Array
  #miniFat: Uint32Array | undefined
  #miniStream: Buffer | undefined
  /** Streams that share their sectors are a game: no honest file is read this often. */
  #left: number

  constructor(file: Buffer) {
    this.#file = file
    this.#left = Math.max(1 << 20, file.length * 8)
    this.#sectorOctets = file.readUInt16LE(30) === 12 ? 4096 : 512
    this.#miniCutoff = Math.min(file.readUInt32LE(56), 1 << 16)
    this.#fat = this.#readFat()
  }

  streams(): CompoundStream[] {
    const directory = this.#chain(this.#file.readUInt32LE(48), Number.POSITIVE_INFINITY)
    const entries = entriesOf(directory)
    const storages = storagesOf(entries)
    const root = entries[0]
    if (root) this.#miniStream = this.#chain(root.start, root.size)
    return entries.flatMap((entry, index) =>
      entry.type === streamType
        ? [
            {
              name: entry.name,
              storage: storages.get(index) ?? -1,
              size: Math.min(entry.size, this.#file.length),
              read: () => this.#stream(entry),
            },
          ]
        : [],
    )
  }

  #stream({ start, size }: Entry): Buffer {
    const most = Math.min(size, this.#left)
    const octets = size < this.#miniCutoff ? this.#miniChain(start, most) : this.#chain(start, most)
    this.#left -= octets.length
    return octets
  }

  /** [MS-CFB] 2.5: the first 109 sectors of the FAT are named in the header, the others in sectors of their own. */
  #readFat(): Uint32Array {
    const file = this.#file
    const places: number[] = []
    const most = file.length / this.#sectorOctets
    for (let at = 76; at < headerOctets; at += 4) places.push(file.readUInt32LE(at))
    let next = file.readUInt32LE(68)
    for (let seen = 0; next < lastSector && seen < most; seen++) {
      const sector = this.#sector(next)
      const numbers = wordsOf(sector)
      places.push(...numbers.subarray(0, -1))
      next = numbers.at(-1) ?? none
    }
    const used = places.filter((place) => place < lastSector).slice(0, Math.ceil(most))
    return wordsOf(Buffer.concat(used.map((place) => this.#sector(place))))
  }

  /** As many octets as the file has there. */
  #sector(number: number): Buffer {
    const from = (number + 1) * this.#sectorOctets
    return this.#file.subarray(from, from + this.#sectorOctets)
  }

  #chain(start: number, size: number): Buffer {
    return collect(this.#fat, start, Math.min(size, this.#file.length), (number) => this.#sector(number))
  }

  #miniChain(start: number, size: number): Buffer {
    const file = this.#file
    this.#miniFat ??= wordsOf(this.#chain(file.readUInt32LE(60), Number.POSITIVE_INFINITY))
    const mini = this.#miniStream ?? Buffer.alloc(0)
    return collect(this.#miniFat, start, size, (number) =>
      mini.subarray(number * this.#miniOctets, (number + 1) * this.#miniOctets),
    )
  }
}

/** Follows a chain; one that comes back to where it was ends there. */
function collect(
  table: Uint32Array,
  start: number,
  size: number,
  sector: (number: number) => Buffer,
): Buffer {
  const pieces: Buffer[] = []
  let length = 0
  let number = start
  for (let steps = 0; steps <= table.length && number < lastSector && length < size; steps++) {
    const piece = sector(number)
    if (piece.length === 0) break
    pieces.push(piece)
    length += piece.length
    number = table[number] ?? none
  }
  return Buffer.concat(pieces).subarray(0, Math.min(size, length))
}

interface Entry {
  readonly name: string
  readonly type: number
  readonly left: number
  readonly right: number
  readonly child: number
  readonly start: number
  readonly size: number
}

function entriesOf(directory: Buffer): Entry[] {
  const entries: Entry[] = []
  const end = Math.min(directory.length, mostEntries * entryOctets)
  for (let at = 0; at + entryOctets <= end; at += entryOctets) {
    const nameOctets = Math.min(64, directory.readUInt16LE(at + 64))
    entries.push({
      name: directory.toString('utf16le', at, at + Math.max(0, nameOctets - 2)),
      type: directory[at + 66] ?? 0,
      left: directory.readUInt32LE(at + 68),
      right: directory.readUInt32LE(at + 72),
      child: directory.readUInt32LE(at + 76),
      start: directory.readUInt32LE(at + 116),
      size: directory.readUInt32LE(at + 120),
    })
  }
  return entries
}

/** For each entry the number of the storage it stands in. Trees that name an entry twice are followed once. */
function storagesOf(entries: readonly Entry[]): Map<number, number> {
  const storages = new Map<number, number>()
  for (const [storage, { child }] of entries.entries()) {
    const open = [child]
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const entry = entries[index]
      if (!entry || storages.has(index)) continue
      storages.set(index, storage)
      open.push(entry.left, entry.right)
    }
  }
  return storages
}

function wordsOf(octets: Buffer): Uint32Array {
  const words = new Uint32Array(octets.length >> 2)
  for (let index = 0; index < words.length; index++) words[index] = octets.readUInt32LE(index * 4)
  return words
}
