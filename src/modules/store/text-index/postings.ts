/** Numbers as they lie in the file: seven bits an octet, the lowest first. */
export class VarintWriter {
  #octets = Buffer.allocUnsafe(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  write(value: number): void {
    if (this.#length + 8 > this.#octets.length) this.#grow(8)
    let rest = value
    while (rest > 127) {
      this.#octets[this.#length++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.#octets[this.#length++] = rest
  }

  append(octets: Uint8Array): void {
    if (this.#length + octets.length > this.#octets.length) this.#grow(octets.length)
    this.#octets.set(octets, this.#length)
    this.#length += octets.length
  }

  /** What was written; the writer begins anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#octets.subarray(0, this.#length))
    this.#length = 0
    return taken
  }

  #grow(more: number): void {
    const grown = Buffer.allocUnsafe((this.#length + more) * 2)
    this.#octets.copy(grown, 0, 0, this.#length)
    this.#octets = grown
  }
}

export class VarintReader {
  readonly #octets: Uint8Array
  at: number

  constructor(octets: Uint8Array, from = 0) {
    this.#octets = octets
    this.at = from
  }

  read(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const octet = this.#octets[this.at++] ?? 0
      if (octet < 128) return value + octet * factor
      value += (octet - 128) * factor
      factor *= 128
    }
  }
}

/** Ascending numbers, each on top of the one before: the documents of a term, the emails of a segment. */
export function writeAscending(writer: VarintWriter, numbers: readonly number[]): void {
  let last = 0
  for (const number of numbers) {
    writer.write(number - last)
    last = number
  }
}

export function* readAscending(octets: Uint8Array, from = 0, end = octets.length): Generator<number> {
  const reader = new VarintReader(octets, from)
  let last = 0
  while (reader.at < end) {
    last += reader.read()
    yield last
  }
}

export function packAscending(numbers: readonly number[]): Buffer {
  const writer = new VarintWriter()
  writeAscending(writer, numbers)
  return writer.take()
}

/** Marks the documents of one term. A search does this for every term it meets: small numbers, and nothing between. */
export function markDocuments(marks: Uint8Array, octets: Uint8Array, from: number, end: number): void {
  let document = 0
  for (let at = from; at < end; ) {
    let octet = octets[at++] ?? 0
    let step = octet & 127
    for (let shift = 7; octet > 127; shift += 7) {
      octet = octets[at++] ?? 0
      step |= (octet & 127) << shift
    }
    document += step
    marks[document] = 1
  }
}
