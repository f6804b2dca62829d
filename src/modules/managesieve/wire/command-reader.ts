import type { Input, Line } from '../../../platform/wire/input.ts'

export type Incoming =
  /** Strings that came as literals stand in the text where they were announced: `{3+}` CRLF `abc`. One character per octet. */
  | { readonly kind: 'command'; readonly text: string }
  /** Read to its end and thrown away. `text` is how it began, `octets` how large its literals were. */
  | { readonly kind: 'too-large'; readonly text: string; readonly octets: number }
  /** So large that not even its end is waited for. */
  | { readonly kind: 'hopeless' }

export interface ReaderLimits {
  /** Octets of a command outside its literals. */
  readonly lineOctets: number
  /** Octets of all literals of a command. */
  readonly literalOctets: number
  /** What is read past, to answer with a reason where a script is too large. */
  readonly drainOctets: number
}

/** RFC 5804 §4: `{n+}`. Old clients leave the plus away; nobody waits for a go-ahead, which ManageSieve does not have. */
const literalMark = /\{([0-9]{1,10})\+?\}$/

const mostPieces = 1_000

/** Cuts what a client sends into commands, as far as it is here. Everything that bounds memory is in this file. */
export class CommandReader {
  readonly #input: Input
  #text = ''
  #pieces: Buffer[] = []
  /** Of the literal at work, what is still to come. */
  #missing = 0
  #lineOctets = 0
  #literalOctets = 0
  #tooLarge = false

  constructor(input: Input) {
    this.#input = input
  }

  /** Undefined when more must be waited for. */
  take(limits: ReaderLimits): Incoming | undefined {
    for (;;) {
      if (this.#missing > 0) {
        if (!this.#takeLiteral()) return undefined
        continue
      }
      const line = this.#input.takeLine(limits.lineOctets)
      if (!line) return undefined
      const command = this.#addLine(line, limits)
      if (command) return command
    }
  }

  /** A command has begun and is not at its end. */
  get isWithin(): boolean {
    return this.#text !== '' || this.#missing > 0 || this.#tooLarge
  }

  #addLine(line: Line, limits: ReaderLimits): Incoming | undefined {
    // Whether a literal follows it cannot be told.
    if (line.kind === 'too-long') return { kind: 'hopeless' }
    const text = line.bytes.toString('latin1')
    this.#lineOctets += text.length
    if (this.#lineOctets > limits.lineOctets) this.#tooLarge = true
    if (!this.#tooLarge || this.#text === '') this.#text += text
    const [, size] = literalMark.exec(text.slice(-16)) ?? []
    if (size === undefined) return this.#whole()
    this.#missing = Number(size)
    this.#literalOctets += this.#missing
    if (this.#literalOctets > limits.drainOctets) return { kind: 'hopeless' }
    if (this.#literalOctets > limits.literalOctets) this.#tooLarge = true
    if (!this.#tooLarge) this.#text += '\r\n'
    return undefined
  }

  #takeLiteral(): boolean {
    while (this.#missing > 0) {
      const piece = this.#input.takeChunk(this.#missing)
      if (!piece) return false
      this.#missing -= piece.length
      if (!this.#tooLarge) this.#keep(piece)
    }
    this.#text += Buffer.concat(this.#pieces).toString('latin1')
    this.#pieces = []
    return true
  }

  /** A client that sends its script octet by octet makes a piece of each. */
  #keep(piece: Buffer): void {
    this.#pieces.push(piece)
    if (this.#pieces.length >= mostPieces) this.#pieces = [Buffer.concat(this.#pieces)]
  }

  #whole(): Incoming {
    const text = this.#text
    const octets = this.#literalOctets
    const kind = this.#tooLarge ? 'too-large' : 'command'
    this.#text = ''
    this.#lineOctets = 0
    this.#literalOctets = 0
    this.#tooLarge = false
    return kind === 'command' ? { kind, text } : { kind, text: text.slice(0, longestBeginning), octets }
  }
}

/** Of a command that is refused: its verb and its name are in it. */
const longestBeginning = 2_048
