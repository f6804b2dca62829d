import { indexByRareOctet } from '../../../lib/mime/octets.ts'

const dot = 0x2e
const cr = 0x0d
const lf = 0x0a
const lineStartDot = Buffer.from('\r\n.')
const nothing = Buffer.alloc(0)

export interface Unstuffed {
  /** Content found in this chunk, the added dots taken out. The same memory as the chunk, which is overwritten. */
  readonly content: Buffer
  /** Set at the end of the message: what the client sent behind it. */
  readonly rest: Buffer | undefined
}

/**
 * Reads what follows DATA (RFC 5321 §4.5.2). Only CRLF.CRLF ends the message: a bare LF or CR is content like any other
 * (and makes `LineEndCheck` refuse the message), so that no two servers can disagree on where it ended.
 */
export class DataLines {
  #tail: 'line-start' | 'cr' | 'text' = 'line-start'
  /** A dot at the start of a line, with or without CR, whose meaning the next chunk tells. */
  #undecided = nothing

  push(received: Buffer): Unstuffed {
    const chunk = this.#undecided.length > 0 ? Buffer.concat([this.#undecided, received]) : received
    this.#undecided = nothing
    let written = 0
    let read = 0
    for (let at = this.#firstDot(chunk); at >= 0; at = nextDot(chunk, at + 1)) {
      const next = chunk[at + 1]
      if (next === cr && chunk[at + 2] === lf) {
        written = moveDown(chunk, read, at, written)
        return { content: chunk.subarray(0, written), rest: chunk.subarray(at + 3) }
      }
      if (next === undefined || (next === cr && at + 2 === chunk.length)) {
        written = moveDown(chunk, read, at, written)
        this.#undecided = Buffer.from(chunk.subarray(at))
        this.#tail = 'line-start'
        return { content: chunk.subarray(0, written), rest: undefined }
      }
      written = moveDown(chunk, read, at, written)
      read = at + 1
    }
    this.#tail = tailOf(chunk, this.#tail)
    written = moveDown(chunk, read, chunk.length, written)
    return { content: chunk.subarray(0, written), rest: undefined }
  }

  #firstDot(chunk: Buffer): number {
    if (this.#tail === 'line-start' && chunk[0] === dot) return 0
    if (this.#tail === 'cr' && chunk[0] === lf && chunk[1] === dot) return 1
    return nextDot(chunk, 0)
  }
}

function nextDot(chunk: Buffer, from: number): number {
  const at = indexByRareOctet(chunk, lineStartDot, 2, from)
  return at < 0 ? -1 : at + 2
}

function moveDown(chunk: Buffer, from: number, to: number, target: number): number {
  if (from !== target) chunk.copyWithin(target, from, to)
  return target + to - from
}

function tailOf(chunk: Buffer, before: 'line-start' | 'cr' | 'text'): 'line-start' | 'cr' | 'text' {
  const last = chunk.at(-1)
  if (last === undefined) return before
  if (last === cr) return 'cr'
  const previous = chunk.length > 1 ? chunk.at(-2) : before === 'cr' && cr
  return last === lf && previous === cr ? 'line-start' : 'text'
}
