const mark = 0x61cc
/** More than any project has. */
const mostNames = 65_536

/**
 * The names in `_VBA_PROJECT`, in the order in which compiled code counts them; fewer where it is damaged. How it is laid out since Office 2000
 * no specification says: V. Bontchev found it out.
 */
export function namesOfProject(octets: Buffer): string[] {
  if (octets.length < 0x20 || octets.readUInt16LE(0) !== mark) return []
  const cursor = new Cursor(octets, 0x1e)
  skipReferences(cursor)
  cursor.skipList(2)
  cursor.skipList(4)
  cursor.at += 2
  for (let text = 0; text < 3; text++) cursor.skipText()
  cursor.at += 0x64
  skipModules(cursor)
  cursor.at += 6
  const skipped = cursor.double()
  cursor.at += skipped + 6
  const first = cursor.word()
  const all = cursor.word()
  const second = cursor.word()
  cursor.at += 4
  for (let left = all + second - first; left > 0 && !cursor.isOver; left--) skipUnused(cursor)
  return readNames(cursor, Math.min(first - second, mostNames))
}

/** Other libraries, and how each is found. */
function skipReferences(cursor: Cursor): void {
  const references = cursor.word()
  cursor.at += 2
  for (let left = references; left > 0 && !cursor.isOver; left--) {
    const length = cursor.word()
    if (length === 0) cursor.at += 6
    else {
      const kind = length < 5 ? 0 : cursor.octetAt(cursor.at + 4)
      cursor.at += length
      // Those that begin with *\C and *\D have a second text.
      if (kind === 0x43 || kind === 0x44) cursor.skipList(1)
    }
    cursor.at += 10
    if (cursor.word() === 0) continue
    cursor.skipList(1)
    const more = cursor.word()
    cursor.at += (more === 0 ? 0 : 2) + more + 30
  }
}

function skipModules(cursor: Cursor): void {
  for (let left = cursor.word(); left > 0 && !cursor.isOver; left--) {
    cursor.skipList(1)
    cursor.skipList(1)
    cursor.skipText()
    cursor.at += 2
    cursor.skipText()
    cursor.skipText()
    cursor.at += 6
    cursor.skipList(8)
    cursor.at += 11
  }
}

function skipUnused(cursor: Cursor): void {
  cursor.at += 4
  const length = cursor.octetAt(cursor.at)
  const kind = cursor.octetAt(cursor.at + 1)
  cursor.at += 2 + (kind > 0x7f ? 6 : 0) + length
}

function readNames(cursor: Cursor, count: number): string[] {
  const names: string[] = []
  for (let left = count; left > 0 && !cursor.isOver; left--) {
    // A word of the language: nothing stands behind it.
    const isPlain = cursor.word() !== 0
    if (isPlain) cursor.at -= 2
    else cursor.at += 2
    const length = cursor.octetAt(cursor.at)
    const kind = cursor.octetAt(cursor.at + 1)
    cursor.at += 2 + (kind & 0x80 ? 6 : 0)
    if (length > 0) names.push(cursor.text(length))
    if (isPlain) cursor.at += 4
  }
  return names
}

/** Reads on, and past the end nothing but zeros. */
class Cursor {
  at: number
  readonly #octets: Buffer

  constructor(octets: Buffer, at: number) {
    this.#octets = octets
    this.at = at
  }

  get isOver(): boolean {
    return this.at >= this.#octets.length
  }

  octetAt(at: number): number {
    return this.#octets[at] ?? 0
  }

  word(): number {
    const value = this.octetAt(this.at) | (this.octetAt(this.at + 1) << 8)
    this.at += 2
    return value
  }

  double(): number {
    const low = this.word()
    return low + this.word() * 0x10000
  }

  text(length: number): string {
    const text = this.#octets.toString('latin1', this.at, this.at + length)
    this.at += length
    return text
  }

  /** So many of `size` octets each. */
  skipList(size: number): void {
    const octets = this.word() * size
    this.at += octets
  }

  /** A length of 0xffff is none. */
  skipText(): void {
    const length = this.word()
    this.at += length === 0xffff ? 0 : length
  }
}
