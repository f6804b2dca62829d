const sector = 512
const mini = 64
const miniCutoff = 4096
const endOfChain = 0xfffffffe
const free = 0xffffffff
const fatSector = 0xfffffffd

/** What a storage holds: streams and storages. */
export interface Storage {
  readonly [name: string]: Buffer | Storage
}

interface Node {
  readonly name: string
  readonly content: Buffer | undefined
  child: number
  right: number
  start: number
}

/** A compound file, [MS-CFB] version 3, as office programs write them, but for the order of siblings. */
export function compoundFileOf(root: Storage): Buffer {
  const nodes: Node[] = [
    { name: 'Root Entry', content: undefined, child: free, right: free, start: endOfChain },
  ]
  addChildren(nodes, 0, root)
  const miniFat: number[] = []
  const miniPieces: Buffer[] = []
  const fat: number[] = []
  const sectors: Buffer[] = []
  const store = (content: Buffer) => addChain(content, sector, fat, sectors)
  for (const node of nodes) {
    if (!node.content || node.content.length === 0) continue
    node.start =
      node.content.length < miniCutoff
        ? addChain(node.content, mini, miniFat, miniPieces)
        : store(node.content)
  }
  const miniStream = Buffer.concat(miniPieces)
  if (nodes[0]) nodes[0].start = miniStream.length > 0 ? store(miniStream) : endOfChain
  const miniFatStart = miniFat.length > 0 ? store(words(miniFat)) : endOfChain
  const directoryStart = store(Buffer.concat(nodes.map((node) => entryOf(node, miniStream.length))))
  const fatStart = sectors.length
  let count = 0
  while (count * 128 < fat.length + count) count++
  for (let at = 0; at < count; at++) fat.push(fatSector)
  const table = Buffer.alloc(count * sector, 0xff)
  words(fat).copy(table)
  return Buffer.concat([
    headerOf({ count, fatStart, directoryStart, miniFatStart, miniFat: Math.ceil(miniFat.length / 128) }),
    ...sectors,
    table,
  ])
}

function addChildren(nodes: Node[], parent: number, storage: Storage): void {
  let before: number | undefined
  for (const [name, content] of Object.entries(storage)) {
    const isStream = Buffer.isBuffer(content)
    const index = nodes.length
    nodes.push({ name, content: isStream ? content : undefined, child: free, right: free, start: 0 })
    const left = before === undefined ? nodes[parent] : nodes[before]
    if (left && before === undefined) left.child = index
    else if (left) left.right = index
    before = index
    if (!isStream) addChildren(nodes, index, content)
  }
}

/** Returns the number of the first piece. */
function addChain(content: Buffer, size: number, table: number[], pieces: Buffer[]): number {
  const first = table.length
  const count = Math.ceil(content.length / size)
  for (let at = 0; at < count; at++) {
    const piece = Buffer.alloc(size)
    content.copy(piece, 0, at * size, (at + 1) * size)
    pieces.push(piece)
    table.push(at === count - 1 ? endOfChain : first + at + 1)
  }
  return first
}

function entryOf({ name, content, child, right, start }: Node, miniStreamSize: number): Buffer {
  const entry = Buffer.alloc(128)
  entry.write(name, 'utf16le')
  entry.writeUInt16LE((name.length + 1) * 2, 64)
  const isRoot = name === 'Root Entry'
  const isStream = content !== undefined
  entry[66] = isStream ? 2 : 1
  if (isRoot) entry[66] = 5
  entry[67] = 1
  entry.writeUInt32LE(free, 68)
  entry.writeUInt32LE(right, 72)
  entry.writeUInt32LE(child, 76)
  entry.writeUInt32LE(start, 116)
  entry.writeUInt32LE(isRoot ? miniStreamSize : (content?.length ?? 0), 120)
  return entry
}

function headerOf(at: {
  count: number
  fatStart: number
  directoryStart: number
  miniFatStart: number
  miniFat: number
}): Buffer {
  const header = Buffer.alloc(sector)
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(header)
  header.writeUInt16LE(0x3e, 24)
  header.writeUInt16LE(3, 26)
  header.writeUInt16LE(0xfffe, 28)
  header.writeUInt16LE(9, 30)
  header.writeUInt16LE(6, 32)
  header.writeUInt32LE(at.count, 44)
  header.writeUInt32LE(at.directoryStart, 48)
  header.writeUInt32LE(miniCutoff, 56)
  header.writeUInt32LE(at.miniFatStart, 60)
  header.writeUInt32LE(at.miniFat, 64)
  header.writeUInt32LE(endOfChain, 68)
  header.fill(0xff, 76)
  for (let index = 0; index < Math.min(at.count, 109); index++)
    header.writeUInt32LE(at.fatStart + index, 76 + index * 4)
  return header
}

function words(numbers: readonly number[]): Buffer {
  const octets = Buffer.alloc(numbers.length * 4)
  for (const [index, number] of numbers.entries()) octets.writeUInt32LE(number, index * 4)
  return octets
}
