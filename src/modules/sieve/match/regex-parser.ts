/** A regular expression as a program for `regex.ts`. Plain data. */
export type Instruction =
  | { readonly op: 'char'; readonly code: number }
  | { readonly op: 'any' }
  | { readonly op: 'set'; readonly set: CharacterSet }
  | { readonly op: 'split'; readonly first: number; readonly second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assert'; readonly what: Assertion }
  | { readonly op: 'match' }

export type Assertion = 'start' | 'end' | 'word-edge' | 'no-word-edge' | 'word-start' | 'word-end'

export interface CharacterSet {
  readonly negated: boolean
  /** Pairs of first and last code point. */
  readonly ranges: readonly (readonly [number, number])[]
}

export type ParsedRegex =
  | { readonly kind: 'regex'; readonly program: readonly Instruction[]; readonly groups: number }
  | { readonly kind: 'wrong'; readonly message: string }

const longestProgram = 10_000
const mostGroups = 99
const mostRepeats = 255
const deepest = 50

/** Reads a POSIX extended regular expression (POSIX.1 §9.4), with the escapes \w \W \s \S \b \B \< \> of GNU. */
export function parseRegex(pattern: string): ParsedRegex {
  try {
    const parser = new RegexParser(Array.from(pattern))
    const program = parser.program()
    return { kind: 'regex', program, groups: parser.groups }
  } catch (error) {
    if (!(error instanceof WrongRegex)) throw error
    return { kind: 'wrong', message: error.message }
  }
}

class WrongRegex extends Error {}

/** Code with jumps relative to its own start, so that pieces can be copied and joined. */
type Code = readonly Instruction[]

class RegexParser {
  groups = 0
  readonly #text: readonly string[]
  #at = 0

  constructor(text: readonly string[]) {
    this.#text = text
  }

  program(): Code {
    const body = this.#alternatives(0)
    if (this.#at < this.#text.length) throw new WrongRegex("unmatched ')'")
    return join([{ op: 'save', slot: 0 }], body, [{ op: 'save', slot: 1 }, { op: 'match' }])
  }

  #alternatives(depth: number): Code {
    if (depth > deepest) throw new WrongRegex('groups are nested too deeply')
    const branches = [this.#branch(depth)]
    while (this.#peek() === '|') {
      this.#at++
      branches.push(this.#branch(depth))
    }
    return branches.reduceRight((rest, branch) => either(branch, rest))
  }

  #branch(depth: number): Code {
    const pieces: Code[] = []
    for (let next = this.#peek(); next !== undefined && next !== '|'; next = this.#peek()) {
      if (next === ')' && depth > 0) break
      pieces.push(this.#piece(depth))
    }
    return join(...pieces)
  }

  #piece(depth: number): Code {
    let code = this.#atom(depth)
    for (;;) {
      const bounds = this.#bounds()
      if (bounds === undefined) return code
      code = repeat(code, bounds)
    }
  }

  #atom(depth: number): Code {
    const character = this.#take()
    switch (character) {
      case '(':
        return this.#group(depth)
      case '[':
        return [{ op: 'set', set: this.#bracket() }]
      case '.':
        return [{ op: 'any' }]
      case '^':
        return [{ op: 'assert', what: 'start' }]
      case '$':
        return [{ op: 'assert', what: 'end' }]
      case '\\':
        return [this.#escape()]
      case '*':
      case '+':
      case '?':
        throw new WrongRegex(`nothing to repeat before '${character}'`)
      case ')':
        throw new WrongRegex("unmatched ')'")
      default:
        return [literal(character)]
    }
  }

  #group(depth: number): Code {
    const slot = ++this.groups
    if (slot > mostGroups) throw new WrongRegex('too many groups')
    const inner = this.#alternatives(depth + 1)
    if (this.#peek() !== ')') throw new WrongRegex("unmatched '('")
    this.#at++
    return join([{ op: 'save', slot: slot * 2 }], inner, [{ op: 'save', slot: slot * 2 + 1 }])
  }

  #escape(): Instruction {
    const character = this.#peek()
    if (character === undefined) throw new WrongRegex('trailing backslash')
    this.#at++
    if (/[1-9]/.test(character)) throw new WrongRegex('back references are not supported')
    return gnuEscapes[character] ?? literal(character)
  }

  /** `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}` */
  #bounds(): Bounds | undefined {
    switch (this.#peek() ?? '') {
      case '*':
        this.#at++
        return { least: 0, most: undefined }
      case '+':
        this.#at++
        return { least: 1, most: undefined }
      case '?':
        this.#at++
        return { least: 0, most: 1 }
      case '{':
        return this.#braces()
      default:
        return undefined
    }
  }

  #braces(): Bounds {
    const close = this.#text.indexOf('}', this.#at)
    const inside = this.#text.slice(this.#at + 1, close < 0 ? this.#at + 1 : close).join('')
    const match = /^(\d{1,4})(,(\d{1,4})?)?$/.exec(inside)
    if (match === null) throw new WrongRegex(`invalid repetition '{${inside}'`)
    this.#at = close + 1
    const least = Number(match[1])
    const open = match[3] === undefined ? undefined : Number(match[3])
    const most = match[2] === undefined ? least : open
    if (Math.max(least, most ?? 0) > mostRepeats) throw new WrongRegex(`more than ${mostRepeats} repetitions`)
    if (most !== undefined && most < least) throw new WrongRegex(`invalid repetition '{${inside}}'`)
    return { least, most }
  }

  /** POSIX.1 §9.3.5. */
  #bracket(): CharacterSet {
    const negated = this.#peek() === '^'
    if (negated) this.#at++
    const ranges: (readonly [number, number])[] = []
    for (let isFirst = true; ; isFirst = false) {
      const next = this.#peek()
      if (next === undefined) throw new WrongRegex("unmatched '['")
      if (next === ']' && !isFirst) break
      ranges.push(...this.#member())
    }
    this.#at++
    return { negated, ranges }
  }

  #member(): (readonly [number, number])[] {
    const special = this.#text[this.#at + 1]
    if (this.#peek() === '[' && special === ':') return namedClass(this.#named(':'))
    const from = this.#element()
    const isRange =
      this.#peek() === '-' && this.#text[this.#at + 1] !== ']' && this.#text[this.#at + 1] !== undefined
    if (!isRange) return [[from, from]]
    this.#at++
    const to = this.#element()
    if (to < from) throw new WrongRegex('a range in brackets ends before it begins')
    return [[from, to]]
  }

  #element(): number {
    const special = this.#text[this.#at + 1]
    const isNamed = this.#peek() === '[' && (special === '.' || special === '=')
    const text = isNamed ? this.#named(special) : this.#take()
    if (Array.from(text).length !== 1) throw new WrongRegex(`unknown collating element '${text}'`)
    return text.codePointAt(0) ?? 0
  }

  /** What stands in `[:…:]`, `[.….]`, `[=…=]`. */
  #named(mark: string): string {
    const start = this.#at + 2
    for (let at = start; at + 1 < this.#text.length; at++) {
      if (this.#text[at] === mark && this.#text[at + 1] === ']') {
        this.#at = at + 2
        return this.#text.slice(start, at).join('')
      }
    }
    throw new WrongRegex("unmatched '['")
  }

  #peek(): string | undefined {
    return this.#text[this.#at]
  }

  #take(): string {
    return this.#text[this.#at++] ?? ''
  }
}

interface Bounds {
  readonly least: number
  readonly most: number | undefined
}

function literal(character: string): Instruction {
  return { op: 'char', code: character.codePointAt(0) ?? 0 }
}

const wordRanges: CharacterSet['ranges'] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
const spaceRanges: CharacterSet['ranges'] = [
  [9, 13],
  [32, 32],
]

const gnuEscapes: Readonly<Record<string, Instruction>> = {
  w: { op: 'set', set: { negated: false, ranges: wordRanges } },
  W: { op: 'set', set: { negated: true, ranges: wordRanges } },
  s: { op: 'set', set: { negated: false, ranges: spaceRanges } },
  S: { op: 'set', set: { negated: true, ranges: spaceRanges } },
  b: { op: 'assert', what: 'word-edge' },
  B: { op: 'assert', what: 'no-word-edge' },
  '<': { op: 'assert', what: 'word-start' },
  '>': { op: 'assert', what: 'word-end' },
}

const classes: Readonly<Record<string, CharacterSet['ranges']>> = {
  alpha: [
    [0x41, 0x5a],
    [0x61, 0x7a],
  ],
  digit: [[0x30, 0x39]],
  alnum: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x61, 0x7a],
  ],
  upper: [[0x41, 0x5a]],
  lower: [[0x61, 0x7a]],
  space: spaceRanges,
  blank: [
    [9, 9],
    [32, 32],
  ],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  print: [[0x20, 0x7e]],
  graph: [[0x21, 0x7e]],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  xdigit: [
    [0x30, 0x39],
    [0x41, 0x46],
    [0x61, 0x66],
  ],
}

function namedClass(name: string): (readonly [number, number])[] {
  const ranges = classes[name]
  if (ranges === undefined) throw new WrongRegex(`unknown character class '${name}'`)
  return [...ranges]
}

function join(...pieces: readonly Code[]): Code {
  const code: Instruction[] = []
  for (const piece of pieces) {
    const base = code.length
    if (base + piece.length > longestProgram) throw new WrongRegex('the expression is too large')
    for (const one of piece) code.push(moved(one, base))
  }
  return code
}

function moved(one: Instruction, by: number): Instruction {
  if (by === 0) return one
  if (one.op === 'split') return { op: 'split', first: one.first + by, second: one.second + by }
  return one.op === 'jump' ? { op: 'jump', to: one.to + by } : one
}

function either(one: Code, other: Code): Code {
  return join(
    [{ op: 'split', first: 1, second: one.length + 2 }],
    one,
    [{ op: 'jump', to: 1 + other.length }],
    other,
  )
}

function many(code: Code): Code {
  const loop = join([{ op: 'split', first: 1, second: code.length + 2 }], code)
  return [...loop, { op: 'jump', to: 0 }]
}

function repeat(code: Code, { least, most }: Bounds): Code {
  const copies = Math.max(least, most ?? 0)
  if (copies * code.length > longestProgram) throw new WrongRegex('the expression is too large')
  const required = Array.from({ length: least }, () => code)
  if (most === undefined) return join(...required, many(code))
  // each copy may be the last: it leaps to the end
  const size = code.length + 1
  const extra = Array.from({ length: most - least }, (_, index): Code[] => [
    [{ op: 'split', first: 1, second: (most - least - index) * size }],
    code,
  ])
  return join(...required, ...extra.flat())
}
